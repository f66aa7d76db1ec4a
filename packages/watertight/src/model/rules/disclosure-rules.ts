import { identifierFault } from '../names.js'
import type { Place } from '../parsing/place.js'
import type { DisclosuresDraft } from '../sections/disclosures.js'
import { defaultDisclosureRole } from '../sections/disclosures.js'
import { formatTableName, tableKey } from '../table-name.js'
import type { Disclosures, RoleNames, TableName } from '../tenancy-model.js'

/** What the disclosures of a model are judged against. */
export interface DisclosureSurroundings {
  readonly roles: RoleNames
  /** Whether the model declares the table. */
  readonly isDeclared: (table: TableName) => boolean
}

/** Completes the disclosures and reports where they contradict the rest of the declaration. */
export function checkDisclosures(
  draft: DisclosuresDraft,
  at: Place,
  { roles, isDeclared }: DisclosureSurroundings,
): Disclosures | null {
  const role = draft.role ?? defaultDisclosureRole(roles)
  if (role === null) {
    at.key('role').report('is required where roles are not named by prefix')
    return null
  }
  const fault = identifierFault(role)
  if (fault !== null) at.key('role').report(`is too long a name: ${fault}`)
  for (const [kind, name] of Object.entries(roles)) {
    // INVARIANT: what a disclosure may read, no other role may because of it.
    if (name === role) at.key('role').report(`is the same role as roles.${kind}`)
  }
  for (const disclosure of draft.functions) {
    const place = at.key('functions').key(formatTableName(disclosure.function))
    for (const [position, mode] of disclosure.modes.entries()) {
      if (roles[mode] !== null) continue
      place.key('modes').index(position).report(`needs a role: \`roles.${mode}\` is not declared`)
    }
    for (const [position, caller] of disclosure.callers.entries()) {
      const at = place.key('callers').index(position)
      const tooLong = identifierFault(caller)
      if (tooLong !== null) at.report(`is too long a name: ${tooLong}`)
      // INVARIANT: who calls these has no other right, and is not who they run as.
      if (caller === role) at.report('is the role that the functions run as')
      for (const [kind, name] of Object.entries(roles)) {
        if (name === caller) at.report(`is the same role as roles.${kind}`)
      }
    }
    for (const field of ['reads', 'inserts', 'updates'] as const) {
      for (const { table } of disclosure[field]) refuseUnknown(table, place.key(field))
    }
    for (const table of disclosure.deletes) refuseUnknown(table, place.key('deletes'))
    if (reached(disclosure).length === 0) place.report('discloses no table')
  }
  return { role, functions: draft.functions }

  function refuseUnknown(table: TableName, place: Place): void {
    if (isDeclared(table)) return
    place.key(formatTableName(table)).report('is not declared in `tables`')
  }
}

function reached(disclosure: Disclosures['functions'][number]): readonly string[] {
  const { reads, inserts, updates, deletes } = disclosure
  return [...[...reads, ...inserts, ...updates].map(({ table }) => table), ...deletes].map(tableKey)
}
