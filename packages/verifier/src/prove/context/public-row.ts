import { objectName } from '../../graph/object-name.js'
import type { ClassifiedTable } from '../../graph/classify.js'
import type { Encoding } from '../encode/encoding.js'
import { encodeOn } from '../encode/policies.js'
import type { Row } from '../encode/row-shape.js'
import { isTrue } from '../encode/value.js'
import type { Obligation } from '../obligation.js'
import { and, falsity, not, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { parentOfRow } from './parent-of-row.js'
import { kindOf } from './reader.js'

/**
 * The row is declared readable by everybody, and so are the columns that the role can read of it.
 * Only the role that stands for everybody reads such rows: they widen no member's reads.
 */
export function isPublicRow(encoding: Encoding, obligation: Obligation, row: Row): Term {
  const { table, role, actor, command } = obligation
  const { model, access } = encoding.subject
  if (command !== 'SELECT' || kindOf(model, role) !== 'public') return falsity
  const columns = table.public?.columns ?? null
  if (columns !== null) {
    const readable = access.columns(actor, 'SELECT', table.relation)
    if (!readable.every((name) => columns.includes(name))) return falsity
  }
  return isDeclaredPublic(encoding, table, actor, row, 0)
}

/** The row satisfies the declared condition, and its parent is public where it has to be. */
function isDeclaredPublic(
  encoding: Encoding,
  table: ClassifiedTable,
  role: string,
  row: Row,
  depth: number,
): Term {
  const { public: projection } = table
  if (projection === null || depth > 4) return falsity
  const { where, through } = projection
  const holds = where === null ? truth : isTrue(encodeOn(encoding, row, role, where))
  if (through === null) return holds
  const parentName = objectName(through.table)
  const keys = table.relation.constraints.filter(
    ({ name, references }) =>
      references !== null &&
      objectName(references) === parentName &&
      (through.foreignKey === null || name === through.foreignKey),
  )
  const [key, ...others] = keys
  const target = encoding.subject.tables.get(parentName)
  if (key === undefined || others.length > 0 || target === undefined) return falsity
  const parentColumns = key.references?.columns ?? []
  const path = { parent: target.relation, columns: key.columns, parentColumns }
  const link = parentOfRow(encoding, table, path, row)
  if (link === undefined) return falsity
  const parent = isDeclaredPublic(encoding, target, role, link.row, depth + 1)
  return and(holds, not(link.isUnlinked), parent)
}
