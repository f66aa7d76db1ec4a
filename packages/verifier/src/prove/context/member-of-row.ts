import type { ClassifiedTable } from '../../graph/classify.js'
import { compare, hasPlainEquality } from '../encode/compare.js'
import type { Encoding } from '../encode/encoding.js'
import { columnOf } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import { isTrue } from '../encode/value.js'
import { and, not, or } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { claimsOf } from './claims.js'
import { contextUser } from './context-user.js'
import { holdsCapability } from './kernel.js'
import { parentOfRow } from './parent-of-row.js'

/**
 * On a table with own rows: the row is the context's user's, or the context has the capability to
 * reach those of others. Undefined when the model does not say whose it is, in a type whose equality
 * is that of its values.
 */
export function isOwnMembersRow(
  encoding: Encoding,
  table: ClassifiedTable,
  row: Row,
): Term | undefined {
  const { ownRows } = table
  if (ownRows === null) return undefined
  if (ownRows.userColumn === null) {
    const link = parentOfRow(encoding, table, ownRows.through, row)
    const owned = link && isOwnMembersRow(encoding, link.parent, link.row)
    return owned && and(not(link.isUnlinked), owned)
  }
  const user = columnOf(encoding, row, ownRows.userColumn)
  if (user === undefined || !hasPlainEquality(user)) return undefined
  const caller = contextUser(encoding, user.type)
  if (caller === undefined) return undefined
  const mine = isTrue(compare(encoding, '=', user, caller))
  if (ownRows.unless === null) return mine
  return or(mine, holdsCapability(claimsOf(encoding), ownRows.unless))
}
