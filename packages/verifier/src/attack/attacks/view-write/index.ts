import type { Relation } from 'watertight/catalog'
import { ident, integer, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { objectName } from '../../../graph/object-name.js'
import { readTables } from '../../../graph/read-tables.js'
import { held, inconclusive } from '../../attack.js'
import type { Outcome } from '../../attack.js'
import { tooLarge } from '../../not-tried.js'
import type { ObjectAttack, ObjectProbe } from '../../object-attack.js'
import type { PreparedRows } from '../../prepare-rows.js'
import { countRows, missingRows } from '../../samples.js'
import type { StepResult } from '../../session.js'
import type { Target } from '../../target.js'

const verbs = ['INSERT', 'UPDATE', 'DELETE'] as const
type Verb = (typeof verbs)[number]

/** Writes rows of another tenant through a view. */
export const viewWrite: ObjectAttack = {
  id: 'view-write',
  title: 'Writes rows of another tenant through a view.',
  subjects: (input, targets) =>
    input.catalog.relations
      .filter(({ kind }) => kind === 'view')
      .flatMap((view) => {
        const bases = readTables(input.catalog, view).flatMap((name) => {
          const target = targets.get(name)
          return target?.boundary === 'tenant' ? [target] : []
        })
        return bases.flatMap((base) =>
          verbs.map((verb) => ({
            object: objectName(view),
            related: [
              base.table.name,
              ...view.triggers.map((trigger) => objectName(trigger.function)),
            ],
            command: verb,
            isFor: (role: string) => input.access.can(role, verb, view),
            run: (probe: ObjectProbe) => attack(probe, view, base, verb),
          })),
        )
      }),
}

async function attack(
  probe: ObjectProbe,
  view: Relation,
  base: Target,
  verb: Verb,
): Promise<Outcome> {
  const rows = await probe.rows(base)
  if (typeof rows === 'string') return inconclusive(rows)
  if (verb === 'INSERT') return insertThrough(probe, view, base, rows)
  if (await probe.isLarge(base)) {
    return inconclusive(tooLarge)
  }
  return blindThrough(probe, view, base, rows, verb)
}

async function insertThrough(
  probe: ObjectProbe,
  view: Relation,
  base: Target,
  rows: PreparedRows,
): Promise<Outcome> {
  const allowed = probe.input.access.columns(probe.role, 'INSERT', view)
  const columns = base.table.relation.columns
    .filter((column) => column.generated === null && allowed.includes(column.name))
    .map(({ name }) => name)
  if (columns.length === 0) return inconclusive('no column of the table is in the view')
  const list = joinSql(columns.map((name) => ident(name)))
  const places = joinSql(columns.map((_, index) => sql`$${integer(index + 1)}`))
  const name = qualifiedName(view.schema, view.name)
  const statement = sql`insert into ${name} (${list}) values (${places})`
  const insert = (side: 'own' | 'foreign'): Promise<boolean | string> =>
    probe.session.attempt(async () => {
      const row = await takeRow(probe, base, rows[side], columns)
      if (row === null) return 'there is no row to copy'
      const key = probe.pair[side].tenant
      const before = await countRows(probe.session, base, key)
      const step = await probe.session.as(probe.role, probe.context, statement, row)
      if (!step.ok) return `it fails with ${step.sqlState}`
      return (await countRows(probe.session, base, key)) > before
    })
  if ((await insert('foreign')) === true) {
    return { kind: 'leak', statement, what: 'a row was stored for another tenant' }
  }
  const control = await insert('own')
  if (control === true) return held
  return inconclusive(
    typeof control === 'string' ? `inserting its own row: ${control}` : 'it stores nothing',
  )
}

/** Reads a row's values and takes it away, so that its copy meets every key. */
async function takeRow(
  probe: ObjectProbe,
  base: Target,
  rows: PreparedRows['own'],
  columns: readonly string[],
): Promise<readonly unknown[] | null> {
  const { session } = probe
  const place = [rows.tables[0], rows.places[0]]
  const list = joinSql(
    columns.map((name, index) => sql`r.${ident(name)}::text as ${ident(`c${index}`)}`),
  )
  const at = sql`r.tableoid = $1::oid and r.ctid = $2::tid`
  const read = await session.admin(sql`select ${list} from ${base.name} r where ${at}`, place)
  const row = read.ok ? read.rows[0] : undefined
  if (row === undefined || !probe.isSuperuser) return null
  await session.admin(sql`set local session_replication_role = replica`)
  await session.admin(sql`delete from ${base.name} r where ${at}`, place)
  await session.admin(sql`set local session_replication_role = origin`)
  return columns.map((_, index) => row[`c${index}`])
}

async function blindThrough(
  probe: ObjectProbe,
  view: Relation,
  base: Target,
  rows: PreparedRows,
  verb: 'UPDATE' | 'DELETE',
): Promise<Outcome> {
  const name = qualifiedName(view.schema, view.name)
  let answer: Outcome = inconclusive('the role may write no column')
  for (const { statement, values } of await writes(probe, name, view, base, rows, verb)) {
    const outcome = await probe.session.attempt(async () => {
      const before = await countRows(probe.session, base, probe.pair.foreign.tenant)
      const step = await probe.session.as(probe.role, probe.context, statement, values)
      return judge(probe, base, rows, statement, step, before)
    })
    if (outcome.kind === 'leak') return outcome
    // A write that hands rows over may be refused while the plain ones worked.
    if (answer.kind !== 'held') answer = outcome
  }
  return answer
}

interface Write {
  readonly statement: Sql
  readonly values: readonly unknown[]
}

/** A DELETE; or an UPDATE of a plain column, and one that hands rows over. */
async function writes(
  probe: ObjectProbe,
  name: Sql,
  view: Relation,
  base: Target,
  rows: PreparedRows,
  verb: 'UPDATE' | 'DELETE',
): Promise<readonly Write[]> {
  if (verb === 'DELETE') return [{ statement: sql`delete from ${name}`, values: [] }]
  const allowed = probe.input.access.columns(probe.role, 'UPDATE', view)
  const unique = base.table.relation.indexes
    .filter(({ isUnique }) => isUnique)
    .flatMap(({ columns }) => columns)
  const plain = base.table.relation.columns.filter(
    (column) =>
      allowed.includes(column.name) &&
      column.generated === null &&
      column.name !== base.keyColumn &&
      !unique.includes(column.name),
  )
  const found: Write[] = []
  for (const column of plain.slice(0, 3)) {
    const read = await probe.session.admin(
      sql`select r.${ident(column.name)}::text as v from ${base.name} r where r.tableoid = $1::oid and r.ctid = $2::tid`,
      [rows.own.tables[0], rows.own.places[0]],
    )
    const values = [read.ok ? (read.rows[0]?.['v'] ?? null) : null]
    found.push({ statement: sql`update ${name} set ${ident(column.name)} = $1`, values })
  }
  if (base.keyColumn !== null && allowed.includes(base.keyColumn)) {
    found.push({
      statement: sql`update ${name} set ${ident(base.keyColumn)} = $1`,
      values: [probe.pair.foreign.tenant],
    })
  }
  return found
}

async function judge(
  probe: ObjectProbe,
  base: Target,
  rows: PreparedRows,
  statement: Sql,
  step: StepResult,
  before: number,
): Promise<Outcome> {
  if (!step.ok) return inconclusive(`writing its own rows fails with ${step.sqlState}`)
  const { session, pair } = probe
  if (
    (await missingRows(session, base, rows.foreign)) > 0 ||
    (await countRows(session, base, pair.foreign.tenant)) > before
  ) {
    return { kind: 'leak', statement, what: 'rows of another tenant were written through it' }
  }
  return (await missingRows(session, base, rows.own)) > 0
    ? held
    : inconclusive('it does not reach rows of its own')
}
