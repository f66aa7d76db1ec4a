import type { ClassifiedTable, ParentLink } from '../../graph/classify.js'
import type { Encoding } from '../encode/encoding.js'
import { columnOf, makeRow } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import { nullValue } from '../encode/value.js'
import { and, eq, implies, not, or } from '../terms/term.js'
import type { Term } from '../terms/term.js'

/** The row that a foreign key leads to. */
export interface ParentOfRow {
  readonly parent: ClassifiedTable
  readonly row: Row
  /** The key has a NULL and so leads nowhere. */
  readonly isUnlinked: Term
}

/** Follows a foreign key that holds at every moment; undefined where there is none. */
export function parentOfRow(
  encoding: Encoding,
  table: ClassifiedTable,
  link: ParentLink | null,
  row: Row,
): ParentOfRow | undefined {
  if (link === null) return undefined
  const parent = encoding.subject.tables.tables.find(({ relation }) => relation === link.parent)
  const isFirm = table.relation.constraints.some(
    (entry) =>
      entry.references?.schema === link.parent.schema &&
      entry.references.name === link.parent.name &&
      entry.columns.join() === link.columns.join() &&
      entry.validated &&
      !entry.deferrable,
  )
  // A key into the own table may lead to a row of the same statement.
  if (parent === undefined || !isFirm || parent.relation === table.relation) return undefined
  const parentRow = makeRow(encoding, parent.relation, `${parent.relation.name} of ${row.label}`)
  const pairs = link.columns.map((column, index) => ({
    child: columnOf(encoding, row, column) ?? nullValue,
    key: columnOf(encoding, parentRow, link.parentColumns[index] ?? '') ?? nullValue,
  }))
  const isUnlinked = or(...pairs.map(({ child }) => child.isNull))
  for (const { child, key } of pairs) {
    encoding.facts.push(implies(not(isUnlinked), and(not(key.isNull), eq(child.term, key.term))))
  }
  return { parent, row: parentRow, isUnlinked }
}
