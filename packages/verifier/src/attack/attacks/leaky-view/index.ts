import type { Relation } from 'watertight/catalog'
import { ident, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { contextFunctions, readsContext } from '../../../expr/context-functions.js'
import { exposedTables } from '../../../graph/exposed-tables.js'
import { objectName } from '../../../graph/object-name.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import { distinctiveValues } from '../../distinctive-values.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import type { ContextSettings, ProbeSession } from '../../session.js'
import type { Target } from '../../target.js'

/** Asks a view that filters by itself with a function that keeps what it is shown. */
export const leakyView: ObjectAttack = {
  id: 'leaky-view',
  title: 'Has a cheap function look at the rows of a view before the view filters them.',
  withoutContext: true,
  subjects: (input, targets) => {
    const context = contextFunctions(input.catalog.functions)
    return input.catalog.relations.flatMap((view) => {
      if (view.kind !== 'view') return []
      if (!readsContext(view.definition ?? '', context)) return []
      const exposed = exposedTables(view, input.catalog, input.access, input.tables)
      const bases = exposed.flatMap(({ table }) => targets.get(table) ?? [])
      if (bases.length === 0) return []
      return [
        {
          object: objectName(view),
          related: bases.map(({ table }) => table.name),
          command: 'SELECT',
          isFor: (role) => input.access.can(role, 'SELECT', view),
          run: (probe) => attack(probe, view, bases),
        },
      ]
    })
  },
}

const keeper = sql`create function pg_temp.watertight_keep(shown anyelement) returns boolean language plpgsql cost 0.0000001 as $keep$
  begin
    perform set_config('watertight_probe.seen', left(current_setting('watertight_probe.seen', true) || coalesce(shown::text, '') || '|', 900000), true);
    return true;
  end $keep$`

async function attack(
  probe: ObjectProbe,
  view: Relation,
  bases: readonly Target[],
): Promise<Outcome> {
  const { session } = probe
  const secrets: string[] = []
  for (const base of bases) {
    const rows = await probe.rows(base)
    if (typeof rows === 'string') return inconclusive(rows)
    secrets.push(...(await distinctiveValues(probe, base, rows)))
  }
  const columns = probe.input.access.columns(probe.role, 'SELECT', view)
  if (columns.length === 0) return inconclusive('the role may read no column')
  const made = await session.as(
    probe.role,
    [...probe.context, ['watertight_probe.seen', '|']],
    keeper,
  )
  let shown = false
  let refused: string | null = null
  if (!made.ok) return inconclusive(`no temporary function can be made (${made.sqlState})`)
  const name = qualifiedName(view.schema, view.name)
  // One plain column at a time: the cheaper a condition, the sooner it runs.
  for (const column of columns.slice(0, mostColumns)) {
    const statement = sql`select count(*) from ${name} r where pg_temp.watertight_keep(r.${ident(column)})`
    const step = await session.attempt(async () => {
      const read = await session.as(probe.role, [...probe.context, ...scans], statement)
      return read.ok ? seenValues(session) : read.sqlState
    })
    if (typeof step === 'string') {
      refused = step
      continue
    }
    if (secrets.some((secret) => step.has(secret))) return leak(statement)
    shown ||= step.size > 0
  }
  if (shown) return held
  return inconclusive(
    refused === null ? 'the role sees no row through the view' : `reading it fails with ${refused}`,
  )
}

const mostColumns = 12

/** Any role may set these for itself. */
const scans: ContextSettings = [
  ['enable_indexscan', 'off'],
  ['enable_indexonlyscan', 'off'],
  ['enable_bitmapscan', 'off'],
]

async function seenValues(session: ProbeSession): Promise<ReadonlySet<string>> {
  const kept = await session.admin(sql`select current_setting('watertight_probe.seen', true) as v`)
  const seen = kept.ok ? kept.rows[0]?.['v'] : null
  const values = typeof seen === 'string' ? seen.split('|') : []
  return new Set(values.filter((value) => value !== ''))
}

function leak(statement: Sql): Outcome {
  const what = 'a function in the WHERE of a query is shown rows of another tenant'
  return { kind: 'leak', statement, what }
}
