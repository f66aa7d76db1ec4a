import type { Property } from '../obligation.js'
import { isOfMembers } from '../context/audience.js'
import { foreignRow } from '../context/foreign-row.js'

/** UPDATE neither reaches a foreign row nor moves an own row to another tenant. */
export const rowHop: Property = {
  id: 'row-hop',
  appliesTo: (obligation, subject) =>
    isOfMembers(subject, obligation) && obligation.command === 'UPDATE',
  violation: foreignRow,
}
