import { formatTableName } from '../table-name.js'
import type { DisclosureInput, DisclosuresInput } from '../tenancy-input.js'
import type { DisclosedTable, Disclosure, Disclosures, RoleNames } from '../tenancy-model.js'
import { defaultDisclosureRole } from './disclosures.js'

/** The declaration of disclosures without what is default. */
export function disclosuresToInput(
  { role, functions }: Disclosures,
  roles: RoleNames,
): DisclosuresInput {
  return {
    ...(role !== defaultDisclosureRole(roles) && { role }),
    functions: Object.fromEntries(
      functions.map((each) => [formatTableName(each.function), disclosureToInput(each)]),
    ),
  }
}

function disclosureToInput(disclosure: Disclosure): DisclosureInput {
  const { modes, callers, reads, inserts, updates, deletes, reason } = disclosure
  return {
    ...(modes.length > 0 && { modes: [...modes] }),
    ...(callers.length > 0 && { callers: [...callers] }),
    ...(reads.length > 0 && { reads: columnsByTable(reads) }),
    ...(inserts.length > 0 && { inserts: columnsByTable(inserts) }),
    ...(updates.length > 0 && { updates: columnsByTable(updates) }),
    ...(deletes.length > 0 && { deletes: deletes.map(formatTableName) }),
    reason,
  }
}

function columnsByTable(
  tables: readonly DisclosedTable[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    tables.map(({ table, columns }) => [formatTableName(table), [...columns]]),
  )
}
