import { orgColumnOf } from 'watertight/model'
import type { ClassifiedTable } from '../../graph/classify.js'
import type { Encoding } from '../encode/encoding.js'
import { columnOf } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import type { Value } from '../encode/value.js'
import { or } from '../terms/term.js'
import { parentOfRow } from './parent-of-row.js'

/** The org unit of a row: its own column, or that of the row that its tenant comes from. */
export function orgOfRow(encoding: Encoding, table: ClassifiedTable, row: Row): Value | undefined {
  const own = columnOf(encoding, row, orgColumnOf(encoding.subject.model, table.relation))
  if (own !== undefined) return own
  const link = parentOfRow(encoding, table, table.through, row)
  const unit = link && orgOfRow(encoding, link.parent, link.row)
  return unit && { ...unit, isNull: or(link.isUnlinked, unit.isNull) }
}
