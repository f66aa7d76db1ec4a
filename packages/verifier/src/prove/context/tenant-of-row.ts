import type { ClassifiedTable } from '../../graph/classify.js'
import type { Encoding } from '../encode/encoding.js'
import { columnOf, makeRow } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import { nullValue } from '../encode/value.js'
import type { Value } from '../encode/value.js'
import { eq, not, or } from '../terms/term.js'
import { implies, and } from '../terms/term.js'

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
  const { through } = table
  if (through === null) return undefined
  const parent = encoding.subject.tables.tables.find(({ relation }) => relation === through.parent)
  const isFirm = table.relation.constraints.some(
    (entry) =>
      entry.references?.schema === through.parent.schema &&
      entry.references.name === through.parent.name &&
      entry.columns.join() === through.columns.join() &&
      entry.validated &&
      !entry.deferrable,
  )
  // A key into the own table may lead to a row of the same statement.
  if (parent === undefined || !isFirm || parent.relation === table.relation) return undefined
  const parentRow = makeRow(encoding, parent.relation, `${parent.relation.name} of ${row.label}`)
  const links = through.columns.map((column, index) => ({
    child: columnOf(encoding, row, column) ?? nullValue,
    parent: columnOf(encoding, parentRow, through.parentColumns[index] ?? '') ?? nullValue,
  }))
  const isUnlinked = or(...links.map(({ child }) => child.isNull))
  for (const { child, parent: key } of links) {
    encoding.facts.push(implies(not(isUnlinked), and(not(key.isNull), eq(child.term, key.term))))
  }
  const tenant = tenantOfRow(encoding, parent, parentRow)
  return tenant && { ...tenant, isNull: or(isUnlinked, tenant.isNull) }
}
