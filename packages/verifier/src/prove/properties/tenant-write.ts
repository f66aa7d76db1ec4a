import { passes } from '../encode/policies.js'
import { makeRow } from '../encode/row.js'
import type { Property } from '../obligation.js'
import { and } from '../terms/term.js'
import { isForeign } from './foreign-row.js'

/** A row that INSERT stores is the context's own. */
export const tenantWrite: Property = {
  id: 'tenant-write',
  appliesTo: ({ command }) => command === 'INSERT',
  violation(encoding, obligation) {
    const row = makeRow(encoding, obligation.table.relation, 'new row', { stored: false })
    const stored = passes(encoding, row, obligation.actor, 'INSERT', 'check')
    const foreign = isForeign(encoding, obligation, row)
    return foreign && and(stored, foreign)
  },
}
