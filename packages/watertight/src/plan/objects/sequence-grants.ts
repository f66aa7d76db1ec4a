import { ident, qualifiedName, sql } from '../../sql/index.js'
import { tableGrants } from '../kernel/table-grants.js'
import { displayName, roleStepId } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'
import { futureOwner, ownerStepId } from './ownership.js'

/** USAGE on the sequences behind serial columns, for the roles that insert. */
export function planSequenceGrants(planning: Planning): readonly Step[] {
  const byTable = new Map<string, { roles: readonly string[]; owner: string }>()
  for (const table of planning.tables) {
    const owner = futureOwner(planning, table)
    const roles = tableGrants(planning, table)
      .filter(({ role, commands }) => role !== owner && commands.includes('INSERT'))
      .map(({ role }) => role)
    byTable.set(displayName(table.relation), { roles, owner })
  }
  return planning.snapshot.sequences.flatMap((sequence) => {
    const { ownedBy, isIdentity } = sequence
    if (!ownedBy || isIdentity) return []
    const table = { schema: ownedBy.schema, name: ownedBy.table }
    const found = byTable.get(displayName(table))
    if (!found) return []
    // A sequence goes with its table to another owner, and so does the old owner's right to it.
    const leaving = found.owner === sequence.owner ? null : sequence.owner
    const missing = found.roles.filter(
      (role) =>
        role === leaving ||
        !sequence.acl.some(({ grantee, privilege }) => grantee === role && privilege === 'USAGE'),
    )
    const on = qualifiedName(sequence.schema, sequence.name)
    return missing.map((role) =>
      makeStep({
        id: `grant:${displayName(sequence)}:${role}`,
        object: displayName(sequence),
        summary: `grant USAGE on sequence ${displayName(sequence)} to ${role}`,
        up: [sql`grant usage on sequence ${on} to ${ident(role)}`],
        down: [sql`revoke usage on sequence ${on} from ${ident(role)}`],
        requires: [roleStepId(role), ownerStepId(table)],
      }),
    )
  })
}
