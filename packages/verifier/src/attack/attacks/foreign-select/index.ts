import { ident, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { held, inconclusive } from '../../attack.js'
import type { Attack, Outcome, Probe } from '../../attack.js'
import { namesSomebodyElse } from '../../own-name.js'
import { notPublic } from '../../public-rows.js'
import { inSample, numberOf } from '../../samples.js'
import type { RowSample } from '../../samples.js'
import type { StepResult } from '../../session.js'

/** Reads another tenant's rows. */
export const foreignSelect: Attack = {
  id: 'foreign-select',
  title: 'Reads rows of another tenant.',
  command: 'SELECT',
  context: 'own',
  run: async (probe) => {
    const open = notPublic(probe.target)
    if (open === null) return inconclusive('every row is declared public')
    const hidden = sql`${open} and ${namesSomebodyElse(probe)}`
    const readable = probe.input.access.columns(probe.role, 'SELECT', probe.target.table.relation)
    const { keyColumn, table } = probe.target
    // Other users' rows are shown on purpose where users share a tenant; the victim shares none.
    const isShared = (table.declaration?.sharedThrough ?? null) !== null
    if (keyColumn !== null && readable.includes(keyColumn) && !isShared) {
      return byKey(probe, keyColumn, hidden)
    }
    return bySample(probe, hidden)
  },
}

/** All rows count, not a sample: a condition may open only some of them. */
async function byKey(probe: Probe, keyColumn: string, hidden: Sql): Promise<Outcome> {
  const { name, keyType } = probe.target
  const key = ident(keyColumn)
  const attack = sql`select from ${name} r where r.${key} <> $1::${keyType} and ${hidden} limit 1`
  const shown = sql`select ${key} from ${name} where ${key} <> $1`
  const seen = await run(probe, attack, [probe.own])
  if (seen.ok && seen.rowCount > 0) return leak(shown)
  const control = await run(
    probe,
    sql`select from ${name} r where r.${key} = $1::${keyType} limit 1`,
    [probe.own],
  )
  return judge(seen, control, control.ok ? control.rowCount : 0)
}

async function bySample(probe: Probe, hidden: Sql): Promise<Outcome> {
  const { name } = probe.target
  const count = (condition: Sql): Sql =>
    sql`select count(*)::int as n from ${name} r where ${inSample} and ${condition}`
  const ask = (rows: RowSample, condition: Sql): Promise<StepResult> =>
    run(probe, count(condition), [rows.tables, rows.places])
  const seen = await ask(probe.foreignRows, hidden)
  if (seen.ok && numberOf(seen.rows[0]?.['n']) > 0) return leak(sql`select from ${name}`)
  const control = await ask(probe.ownRows, sql`true`)
  return judge(seen, control, control.ok ? numberOf(control.rows[0]?.['n']) : 0)
}

function run(probe: Probe, statement: Sql, values: readonly unknown[]): Promise<StepResult> {
  return probe.session.attempt(() => probe.session.as(probe.role, probe.context, statement, values))
}

function leak(statement: Sql): Outcome {
  return { kind: 'leak', statement, what: 'rows of another tenant are visible' }
}

function judge(seen: StepResult, control: StepResult, own: number): Outcome {
  if (!control.ok) return inconclusive(`reading its own rows fails with ${control.sqlState}`)
  if (own === 0) return inconclusive('the role does not see its own rows under the context')
  return seen.ok ? held : inconclusive(`the attack fails with ${seen.sqlState}`)
}
