import { sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack } from '../../attack.js'
import { notPublic } from '../../public-rows.js'

/** Reads without a context. */
export const noContextSelect: Attack = {
  id: 'no-context-select',
  title: 'Reads rows without a tenant context.',
  command: 'SELECT',
  context: 'none',
  run: async (probe) => {
    const hidden = notPublic(probe.target)
    if (hidden === null) return inconclusive('every row is declared public')
    const { name } = probe.target
    const from = probe.target.table.public === null ? sql`` : sql` r where ${hidden}`
    const seen = await probe.session.attempt(() =>
      probe.session.as(probe.role, probe.noContext, sql`select from ${name}${from} limit 1`),
    )
    if (!seen.ok || seen.rowCount === 0) return held
    return {
      kind: 'leak',
      statement: sql`select from ${name}`,
      what: 'rows are visible without a context',
    }
  },
}
