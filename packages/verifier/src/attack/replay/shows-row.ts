import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import { relationNamed } from '../../graph/relation-named.js'
import { held, inconclusive } from '../attack.js'
import type { Outcome, Probe } from '../attack.js'
import { takeAway } from '../copy-row.js'
import { inSample } from '../samples.js'
import type { RowSample } from '../samples.js'
import type { StepResult } from '../session.js'
import { valueFor } from '../synthesis/value-for.js'
import type { Values } from '../synthesis/values.js'

/** What the role sees through a view is another thing once the foreign row is gone. */
export async function showsRow(
  probe: Probe,
  name: string,
  sample: RowSample,
  fixed: Values,
): Promise<Outcome> {
  const { session, input, role, context } = probe
  const view = relationNamed(input.catalog, name)
  const columns = view === undefined ? [] : input.access.columns(role, 'SELECT', view)
  if (view === undefined || columns.length === 0) return inconclusive('the role may read no column')
  const list = joinSql(columns.map((column) => sql`v.${ident(column)}`))
  const statement = sql`select ${list} from ${qualifiedName(view.schema, view.name)} v`
  const summary = sql`select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) as seen from (${statement}) x`
  const read = (): Promise<StepResult> => session.as(role, context, summary)
  const full = await filled(probe, sample, fixed)
  const before = await session.attempt(read)
  const again = await session.attempt(read)
  const after = await session.attempt(async () => {
    const gone = await takeAway(probe, [full.tables[0], full.places[0]])
    return gone ? read() : null
  })
  if (after === null) return inconclusive('the row cannot be taken away')
  if (!before.ok || !again.ok || !after.ok) return inconclusive('reading the view fails')
  if (before.rows[0]?.['seen'] !== again.rows[0]?.['seen']) {
    return inconclusive('the view shows something else each time')
  }
  if (before.rows[0]?.['seen'] === after.rows[0]?.['seen']) return held
  return { kind: 'leak', statement, what: 'the view shows what is in a row of another tenant' }
}

/** The row with something in the columns that the counterexample leaves open: NULL shows nothing. */
async function filled(
  { session, input, target }: Probe,
  sample: RowSample,
  fixed: Values,
): Promise<RowSample> {
  const { relation } = target.table
  const keys = new Set(relation.constraints.flatMap(({ columns }) => columns))
  let last = sample
  for (const [index, column] of relation.columns.entries()) {
    const isOpen = !(column.name in fixed) && !keys.has(column.name) && column.generated === null
    if (!isOpen || column.notNull) continue
    const step = await session.keep(() =>
      session.admin(
        sql`update ${target.name} r set ${ident(column.name)} = $3 where ${inSample} and r.${ident(column.name)} is null returning r.tableoid::text as t, r.ctid::text as c`,
        [last.tables, last.places, valueFor(input.catalog, column, 7_000 + index)],
      ),
    )
    const row = step.ok ? (step.rows[0] as { t: string; c: string } | undefined) : undefined
    if (row !== undefined) last = { tables: [row.t], places: [row.c] }
  }
  return last
}
