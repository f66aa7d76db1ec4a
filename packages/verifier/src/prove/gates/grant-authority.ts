import { findRelation } from 'watertight/catalog'
import type { Relation } from 'watertight/catalog'
import { objectName } from '../../graph/object-name.js'
import { kindOf } from '../context/reader.js'
import type { Subject } from '../encode/encoding.js'
import type { ProofResult } from '../proof-result.js'

/**
 * What a grant opens is decided by who may write grants. Members may give grants to their own tenant,
 * if that is proven; a role that works by grants must not write any, or it could prolong its own. A
 * function that is declared to write them across tenants is taken at its word, which is then assumed.
 */
export function withGrantAuthority(
  subject: Subject,
  results: readonly ProofResult[],
): readonly ProofResult[] {
  const { context, accessGrants } = subject.model
  if (context.kind !== 'signed' || accessGrants === null) return results
  const { schema, name } = accessGrants.table
  const relation = findRelation(subject.catalog, schema, name)
  if (relation === undefined) return results
  const why = gap(subject, relation, results)
  const declared = writersOf(subject, relation)
  if (why === undefined && declared.length === 0) return results
  return results.map((result) => {
    const isDependent =
      result.verdict === 'proven' &&
      isByGrant(subject, result.role) &&
      result.assumptions.length > 0
    if (!isDependent) return result
    if (why !== undefined) return { ...result, verdict: 'unknown', reason: why }
    return { ...result, assumptions: [...result.assumptions, ...declared].toSorted() }
  })
}

/** What is assumed of functions that the model declares to write the table. */
function writersOf({ model }: Subject, relation: Relation): readonly string[] {
  const name = objectName(relation)
  return (model.disclosures?.functions ?? [])
    .filter(({ inserts, updates, deletes }) =>
      [...[...inserts, ...updates].map(({ table }) => table), ...deletes].some(
        (table) => objectName(table) === name,
      ),
    )
    .map((each) => `${objectName(each.function)} gives grants to whom they are due only`)
}

function isByGrant({ model }: Subject, role: string): boolean {
  const kind = kindOf(model, role)
  return kind === 'auditor' || kind === 'platform' || kind === null
}

const writes: readonly string[] = ['INSERT', 'UPDATE', 'DELETE']

function gap(
  { access, catalog, model, tables }: Subject,
  relation: Relation,
  results: readonly ProofResult[],
): string | undefined {
  const name = objectName(relation)
  const granted = [model.roles.auditor, model.roles.platform].find(
    (role) => role !== null && writes.some((privilege) => access.can(role, privilege, relation)),
  )
  if (granted) return `${granted} works by grants and may write ${name}; revoke that`
  if (!tables.isProtected(name)) {
    return `${name} decides what grants open and is not classified as a tenant's table; declare it`
  }
  const child = catalog.relations.find(({ parents }) =>
    parents.some((parent) => !parent.isPartition && objectName(parent) === name),
  )
  if (child) return `rows of ${objectName(child)} count as grants, as it inherits from ${name}`
  const open = results.find(
    ({ object, command, verdict }) =>
      object === name && writes.includes(command) && verdict !== 'proven',
  )
  return (
    open &&
    `${open.role} may be able to ${open.command} ${name}, which decides what grants open: ${open.reason}`
  )
}
