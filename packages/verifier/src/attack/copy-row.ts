import type { Relation } from 'watertight/catalog'
import { ident, integer, joinSql, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Probe } from './attack.js'
import { countRows } from './samples.js'
import type { RowSample } from './samples.js'
import type { StepResult } from './session.js'

/** What became of inserting an exact copy of an existing row. */
export interface CopyResult {
  readonly step: StepResult
  /** The row is there, under the key it was copied with. */
  readonly stored: boolean
  readonly statement: Sql
}

/**
 * Takes a row away as the connected role and inserts it again as the runtime role: the copy meets
 * every key, check and foreign key by construction, so only a policy or grant can refuse it. Call
 * inside an attempt.
 */
export async function reinsertRow(
  probe: Probe,
  rows: RowSample,
  key: string,
  settings: Probe['context'],
  statementOf: typeof insertStatement = insertStatement,
): Promise<CopyResult | string> {
  const { session, target } = probe
  const place = [rows.tables[0], rows.places[0]]
  if (place[0] === undefined) return 'there is no row to copy'
  const columns = insertableColumns(probe)
  if (columns.length === 0) return 'the role may insert no column'

  const read = await session.admin(
    sql`select ${joinSql(columns.map((name, index) => sql`r.${ident(name)}::text as ${ident(`c${index}`)}`))} from ${target.name} r where r.tableoid = $1::oid and r.ctid = $2::tid`,
    place,
  )
  if (!read.ok || read.rows[0] === undefined) return 'the row to copy cannot be read'
  const values = columns.map((_, index) => read.rows[0]?.[`c${index}`])

  if (!(await takeAway(probe, place))) return 'the row to copy cannot be taken away'
  const before = await countRows(session, target, key)
  const statement = statementOf(target.name, target.table.relation, columns)
  const step = await session.as(probe.role, settings, statement, values)
  const stored = step.ok && (await countRows(session, target, key)) > before
  return { step, stored, statement }
}

/** Columns that the role may give a value to. */
export function insertableColumns(probe: Probe): readonly string[] {
  const { relation } = probe.target.table
  const allowed = probe.input.access.columns(probe.role, 'INSERT', relation)
  return relation.columns
    .filter((column) => column.generated === null && allowed.includes(column.name))
    .map((column) => column.name)
}

/** Foreign keys that point to the row must not stop or cascade; the row comes back unchanged. */
export async function takeAway(probe: Probe, place: readonly unknown[]): Promise<boolean> {
  const { session, target } = probe
  if (probe.isSuperuser) session.prepare(sql`set local session_replication_role = replica`)
  const removed = await session.admin(
    sql`delete from ${target.name} r where r.tableoid = $1::oid and r.ctid = $2::tid`,
    place,
  )
  if (!removed.ok) return false
  if (probe.isSuperuser) session.prepare(sql`set local session_replication_role = origin`)
  return removed.rowCount === 1
}

/** Inserts a value into each of the columns. */
export function insertStatement(name: Sql, relation: Relation, columns: readonly string[]): Sql {
  return sql`insert into ${name} ${insertedValues(relation, columns)}`
}

/** `(a, b) values ($1, $2)`. */
export function insertedValues(relation: Relation, columns: readonly string[]): Sql {
  const overriding = relation.columns.some(
    (column) => column.identity === 'always' && columns.includes(column.name),
  )
    ? sql` overriding system value`
    : sql``
  const list = joinSql(columns.map((column) => ident(column)))
  const places = joinSql(columns.map((_, index) => sql`$${integer(index + 1)}`))
  return sql`(${list})${overriding} values (${places})`
}
