import { tableKey } from '../../model/index.js'
import type { DisclosedTable, TableName, TenancyModel } from '../../model/index.js'

/** All that the functions of a model which disclose may do on one table. */
export interface DisclosedOn {
  readonly role: string
  readonly reads: readonly string[]
  readonly inserts: readonly string[]
  readonly updates: readonly string[]
  readonly deletes: boolean
}

/** What is disclosed of a table, over all functions; null when nothing is. */
export function disclosedOn(
  { disclosures }: TenancyModel,
  relation: TableName,
): DisclosedOn | null {
  if (disclosures === null) return null
  const key = tableKey(relation)
  const { role, functions } = disclosures
  const columns = (of: (each: (typeof functions)[number]) => readonly DisclosedTable[]): string[] =>
    [
      ...new Set(
        functions
          .flatMap(of)
          .filter(({ table }) => tableKey(table) === key)
          .flatMap((table) => table.columns),
      ),
    ].sort()
  const found = {
    role,
    reads: columns(({ reads }) => reads),
    inserts: columns(({ inserts }) => inserts),
    updates: columns(({ updates }) => updates),
    deletes: functions.some((each) => each.deletes.some((table) => tableKey(table) === key)),
  }
  const isNothing = [found.reads, found.inserts, found.updates].every((list) => list.length === 0)
  return isNothing && !found.deletes ? null : found
}
