import { one } from '../numbers.js'
import type { Pick } from '../numbers.js'
import type { Cells, FuzzColumn } from '../world.js'

/** A row of random values. */
export function rowOf(
  pick: Pick,
  columns: readonly FuzzColumn[],
  fixed: Readonly<Record<string, string>>,
): Cells {
  return Object.fromEntries(
    columns.map((column) => [column.name, fixed[column.name] ?? cellOf(pick, column)]),
  )
}

function cellOf(pick: Pick, { name, notNull, values }: FuzzColumn): string | null {
  if (!notNull && pick(4) === 0) return null
  // Few different tenants, so that rows and contexts meet.
  if (name === 'tenant_id' && pick(4) > 0) return one(pick, values.slice(0, 2))
  return one(pick, values)
}
