import type { Property } from '../obligation.js'
import { isOfMembers } from '../context/audience.js'
import { foreignRow } from '../context/foreign-row.js'

/** A row that INSERT stores is the context's own. */
export const tenantWrite: Property = {
  id: 'tenant-write',
  appliesTo: (obligation, subject) =>
    isOfMembers(subject, obligation) && obligation.command === 'INSERT',
  violation: foreignRow,
}
