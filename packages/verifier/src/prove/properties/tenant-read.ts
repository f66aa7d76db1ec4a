import type { Property } from '../obligation.js'
import { foreignRow } from '../context/foreign-row.js'
import { isOfMembers } from '../context/audience.js'

/**
 * A row that a command reads or removes is the context's own. Without a context there are no own
 * tenants, so that no row is reached then.
 */
export const tenantRead: Property = {
  id: 'tenant-read',
  appliesTo: (obligation, subject) =>
    isOfMembers(subject, obligation) &&
    (obligation.command === 'SELECT' || obligation.command === 'DELETE'),
  violation: foreignRow,
}
