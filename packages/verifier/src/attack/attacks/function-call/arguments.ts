import type { FunctionInfo } from 'watertight/catalog'
import { ident, qualifiedName, sql } from 'watertight/sql'
import { isBearerSecret } from '../../../graph/bearer-secret.js'
import type { ObjectProbe } from '../../object-attack.js'
import type { PreparedRows } from '../../prepare-rows.js'
import type { ProbeSession } from '../../session.js'
import type { Target } from '../../target.js'

/** An argument that a caller gives. */
export interface InputArgument {
  readonly name: string
  /** As `format_type()` prints it. */
  readonly type: string
  /** Schema and name of the table whose row it is; null for any other type. */
  readonly rowOf: { readonly schema: string; readonly name: string } | null
  /** The first label of an enumeration, else null. */
  readonly label: string | null
  readonly optional: boolean
}

/** What a function is called with. */
export interface Signature {
  readonly inputs: readonly InputArgument[]
}

/** Reads the input arguments in order. */
export async function readSignature(
  session: ProbeSession,
  fn: FunctionInfo,
): Promise<Signature | null> {
  // The snapshot spells arguments with an empty search_path.
  const read = await session.attempt(async () => {
    await session.admin(sql`select set_config('search_path', '', true)`)
    return session.admin(
      sql`select coalesce(p.proargnames[a.n], '') as name, pg_catalog.format_type(a.type, null) as type,
      n.nspname as schema, c.relname as relation, a.n > p.pronargs - p.pronargdefaults as optional,
      (select e.enumlabel from pg_catalog.pg_enum e where e.enumtypid = a.type order by e.enumsortorder limit 1) as label
      from pg_catalog.pg_proc p
      left join lateral unnest(p.proargtypes::oid[]) with ordinality a(type, n) on true
      left join pg_catalog.pg_type t on t.oid = a.type left join pg_catalog.pg_class c on c.oid = t.typrelid
      left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where p.pronamespace = $1::text::regnamespace and p.proname = $2
        and pg_catalog.pg_get_function_identity_arguments(p.oid) = $3 order by a.n`,
      [ident(fn.schema).text, fn.name, fn.identityArguments],
    )
  })
  if (!read.ok || read.rows.length === 0) return null
  const rows = read.rows as unknown as ArgumentRow[]
  return {
    inputs: rows.flatMap(({ name, type, schema, relation, label, optional }) =>
      type === null
        ? []
        : [
            {
              name,
              type,
              label,
              optional,
              rowOf: schema === null || relation === null ? null : { schema, name: relation },
            },
          ],
    ),
  }
}

interface ArgumentRow {
  readonly name: string
  readonly type: string | null
  readonly schema: string | null
  readonly relation: string | null
  readonly label: string | null
  readonly optional: boolean
}

type Sides = { readonly target: Target; readonly rows: PreparedRows }

const mostSets = 32
const mostPerArgument = 5

/** Values for the arguments, taken from the victim's rows where the type fits, best guesses first. */
export async function argumentSets(
  probe: ObjectProbe,
  signature: Signature,
  sides: readonly Sides[],
): Promise<readonly (readonly string[])[]> {
  const required = signature.inputs.filter(({ optional }) => !optional).length
  const choices: (readonly string[])[] = []
  for (const input of signature.inputs) choices.push(await valuesFor(probe, input, sides))
  const full = combinations(choices)
  const short = required < choices.length ? combinations(choices.slice(0, required)) : []
  return [...short.slice(0, mostSets / 2), ...full.slice(0, mostSets)]
}

function combinations(choices: readonly (readonly string[])[]): readonly (readonly string[])[] {
  let sets: (readonly string[])[] = [[]]
  for (const values of choices) {
    sets = sets.flatMap((set) => values.map((value) => [...set, value])).slice(0, 512)
  }
  // Guesses of the same rank belong together: they tend to come from one row.
  const rank = (set: readonly string[]): number =>
    set.reduce((sum, value, index) => sum + (choices[index]?.indexOf(value) ?? 0), 0)
  return sets.toSorted((a, b) => rank(a) - rank(b))
}

async function valuesFor(
  probe: ObjectProbe,
  input: InputArgument,
  sides: readonly Sides[],
): Promise<readonly string[]> {
  if (input.rowOf !== null) return rowsOfType(probe, input.rowOf)
  const found: { value: string; score: number }[] = []
  if (input.label !== null) found.push({ value: input.label, score: 1 })
  for (const { target, rows } of sides) {
    const row = await firstRow(probe, target, rows)
    for (const column of target.table.relation.columns) {
      const value = row?.[column.name]
      // Whoever was given an invitation may use it: a call with its secret shows nothing.
      if (isBearerSecret(target.table.relation, column, probe.input.catalog.functions)) continue
      if (typeof value !== 'string' || !isSameType(column.baseType, input.type)) continue
      found.push({ value, score: likeness(input.name, column.name, target.table.relation.name) })
    }
  }
  const best = found.toSorted((a, b) => b.score - a.score).map(({ value }) => value)
  const fallbacks = plain[input.type] ?? []
  const fromRows = [...new Set(best)].slice(0, mostPerArgument - fallbacks.length)
  return [...new Set([...fromRows, ...fallbacks])]
}

async function firstRow(
  probe: ObjectProbe,
  target: Target,
  rows: PreparedRows,
): Promise<Readonly<Record<string, string | null>> | null> {
  const read = await probe.session.admin(
    sql`select e.key, e.value from ${target.name} r, lateral jsonb_each_text(to_jsonb(r)) e where r.tableoid = $1::oid and r.ctid = $2::tid`,
    [rows.foreign.tables[0], rows.foreign.places[0]],
  )
  if (!read.ok) return null
  const entries = read.rows as { key: string; value: string | null }[]
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]))
}

async function rowsOfType(
  probe: ObjectProbe,
  table: { readonly schema: string; readonly name: string },
): Promise<readonly string[]> {
  const read = await probe.session.admin(
    sql`select r::text as row from ${qualifiedName(table.schema, table.name)} r limit 5`,
  )
  return read.ok ? (read.rows as { row: string }[]).map(({ row }) => row) : []
}

const texts = /^(text|character varying|character|name|citext)\b/
const numbers = /^(smallint|integer|bigint|numeric)\b/

function isSameType(column: string, argument: string): boolean {
  if (texts.test(column) && texts.test(argument)) return true
  if (numbers.test(column) && numbers.test(argument)) return true
  return column.replace(/\(.*\)/, '') === argument
}

/** How much an argument's name looks like a column's: `p_task`, `task_id` and `id` of `tasks`. */
function likeness(argument: string, column: string, table: string): number {
  const bare = argument.replace(/^(p|in|v|a|arg|_)?_+/, '').toLowerCase()
  const name = column.toLowerCase()
  if (bare === name) return 5
  const stem = bare.replace(/_id$/, '')
  if (name === 'id' && stem !== '' && table.toLowerCase().startsWith(stem)) return 4
  if (name.replace(/_id$/, '') === stem) return 4
  if (name === 'id' && bare === '') return 3
  return bare !== '' && (name.includes(bare) || bare.includes(name)) ? 2 : 1
}

/** Both ends of what has an order: a body may ask for rows before or after its argument. */
const plain: Readonly<Record<string, readonly string[]>> = {
  text: ['watertight'],
  'character varying': ['watertight'],
  integer: ['1', '1000000'],
  bigint: ['1', '1000000'],
  boolean: ['true', 'false'],
  date: ['2000-01-01', '2200-01-01'],
  'timestamp with time zone': ['2000-01-01', '2200-01-01'],
  'timestamp without time zone': ['2000-01-01', '2200-01-01'],
  interval: ['100 years', '-100 years'],
  jsonb: ['{}'],
  json: ['{}'],
  'text[]': ['{}'],
  numeric: ['1', '1000000'],
  'double precision': ['1', '1000000'],
}
