import { held, inconclusive } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { reinsertRow } from '../../copy-row.js'

/** Writes a row without a context. */
export const noContextInsert: Attack = {
  id: 'no-context-insert',
  title: 'Inserts a tenant’s row without a tenant context.',
  command: 'INSERT',
  context: 'none',
  run: async (probe) => {
    const copy = await probe.session.attempt(() =>
      reinsertRow(probe, probe.foreignRows, probe.foreign, probe.noContext),
    )
    if (typeof copy === 'string') return inconclusive(copy)
    if (!copy.stored) return held
    return {
      kind: 'leak',
      statement: copy.statement,
      what: 'a row was stored for a tenant without a context',
    }
  },
}
