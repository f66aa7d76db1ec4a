import type { ClassifiedTable } from '../../graph/classify.js'
import type { Encoding } from '../encode/encoding.js'
import { columnOf } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import type { Value } from '../encode/value.js'
import { or } from '../terms/term.js'
import { parentOfRow } from './parent-of-row.js'

/**
 * The tenant that a row belongs to: its own column, or that of the row that a foreign key leads to.
 * NULL where there is none. Undefined when the table says nothing of it.
 */
export function tenantOfRow(
  encoding: Encoding,
  table: ClassifiedTable,
  row: Row,
): Value | undefined {
  if (table.tenantColumn !== null) return columnOf(encoding, row, table.tenantColumn)
  const link = parentOfRow(encoding, table, table.through, row)
  const tenant = link && tenantOfRow(encoding, link.parent, link.row)
  return tenant && { ...tenant, isNull: or(link.isUnlinked, tenant.isNull) }
}
