import { passes } from '../encode/policies.js'
import { makeRow } from '../encode/row.js'
import type { Property } from '../obligation.js'
import { and } from '../terms/term.js'
import { isForeign } from './foreign-row.js'

/**
 * A row that a command reads or removes is the context's own. Without a context there are no own
 * tenants, so that no row is reached then.
 */
export const tenantRead: Property = {
  id: 'tenant-read',
  appliesTo: ({ command }) => command === 'SELECT' || command === 'DELETE',
  violation(encoding, obligation) {
    const row = makeRow(encoding, obligation.table.relation, 'row')
    const reached = passes(encoding, row, obligation.actor, obligation.command, 'using')
    const foreign = isForeign(encoding, obligation, row)
    return foreign && and(reached, foreign)
  },
}
