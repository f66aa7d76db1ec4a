import { ident, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Probe } from '../../attack.js'
import { notPublic } from '../../public-rows.js'
import type { ContextSettings } from '../../session.js'

/** Reads without a context. */
export const noContextSelect: Attack = {
  id: 'no-context-select',
  title: 'Reads rows without a tenant context.',
  command: 'SELECT',
  context: 'none',
  run: async (probe) => {
    const hidden = notPublic(probe.target)
    if (hidden === null) return inconclusive('every row is declared public')
    if (!(await visible(probe, probe.noContext, hidden, sql`true`))) return held
    const tentative = !(await visible(probe, probe.noContext, hidden, owned(probe)))
    const statement = sql`select from ${probe.target.name}`
    return { kind: 'leak', statement, what: 'rows are visible without a context', tentative }
  },
  // Rows of nobody that are visible with a context, too, are shared on purpose.
  confirm: async (probe) => {
    const hidden = notPublic(probe.target)
    if (hidden === null) return true
    return !(await visible(probe, probe.context, hidden, sql`not ${owned(probe)}`))
  },
}

/** The row has a tenant, as far as the role can read that. */
function owned(probe: Probe): Sql {
  const { keyColumn, table } = probe.target
  const readable = probe.input.access.columns(probe.role, 'SELECT', table.relation)
  const isReadable = keyColumn !== null && readable.includes(keyColumn)
  return isReadable ? sql`(r.${ident(keyColumn)} is not null)` : sql`true`
}

async function visible(
  probe: Probe,
  settings: ContextSettings,
  hidden: Sql,
  condition: Sql,
): Promise<boolean> {
  const isPlain = probe.target.table.public === null
  const where = isPlain ? condition : sql`${condition} and ${hidden}`
  const statement = sql`select from ${probe.target.name} r where ${where} limit 1`
  const seen = await probe.session.attempt(() => probe.session.as(probe.role, settings, statement))
  return seen.ok && seen.rowCount > 0
}
