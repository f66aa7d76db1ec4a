import type { ClassifiedTable } from '../../graph/classify.js'
import { disclosureReview } from '../../graph/disclosures.js'
import type { RuntimeRoleName } from '../../graph/runtime-roles.js'
import type { Subject } from '../encode/encoding.js'
import { isExempt } from '../encode/policies.js'
import type { ProofResult } from '../proof-result.js'

/**
 * Roles with rights on the table that the model does not name, without owners and exempt roles. The
 * role that disclosures run as is named where nothing but what they declare is done as it.
 */
export function otherRoles(
  subject: Subject,
  { relation }: ClassifiedTable,
  declared: readonly RuntimeRoleName[],
): readonly string[] {
  const { model, catalog } = subject
  const disclosing = disclosureReview(model, catalog)
  const known = new Set([
    ...declared.map(({ name }) => name),
    model.roles.owner,
    model.roles.migrator,
    ...(disclosing.isConfined ? [disclosing.role] : []),
  ])
  const grantees = [relation, ...relation.columns].flatMap(({ acl }) =>
    acl.filter(({ isPublic }) => !isPublic).map(({ grantee }) => grantee),
  )
  return [...new Set(grantees)]
    .filter((name) => !known.has(name) && name !== relation.owner)
    .filter((name) => catalog.roles.some((role) => role.name === name))
    .filter((name) => !isExempt(subject, name, relation))
    .toSorted()
}

/**
 * What a role without declared purpose reaches is reached by somebody: a cell is proven only when
 * no other role passes the policies of the same table with the same command.
 */
export function sharedFate(
  cells: readonly ProofResult[],
  undeclared: readonly ProofResult[],
): readonly ProofResult[] {
  const open = [...cells, ...undeclared].find(({ verdict }) => verdict !== 'proven')
  if (open === undefined) return cells
  return cells.map((cell) =>
    cell.verdict === 'proven'
      ? {
          ...cell,
          verdict: 'unknown',
          reason: `proven for ${cell.role}, but not for ${open.role}, which has rights on the table too: ${open.reason}`,
        }
      : cell,
  )
}
