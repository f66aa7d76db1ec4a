import type { Column } from 'watertight/catalog'
import { ident, integer, joinSql, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Probe } from './attack.js'
import type { RowSample } from './samples.js'
import type { Target } from './target.js'

/** A column that can be set on all rows without meaning anything, and a value it already has. */
export interface NeutralUpdate {
  readonly column: string
  readonly value: unknown
}

/** Columns that the role may update and that no key, identity or scope depends on, best first. */
export function neutralColumns(probe: Probe): readonly Column[] {
  const { relation, userColumn } = probe.target.table
  const allowed = probe.input.access.columns(probe.role, 'UPDATE', relation)
  const keyed = new Set<string | null>([
    probe.target.keyColumn,
    userColumn,
    ...relation.indexes.filter((index) => index.isUnique).flatMap((index) => index.columns),
    ...relation.constraints
      .filter(({ kind }) => kind === 'foreign-key' || kind === 'exclude')
      .flatMap((constraint) => constraint.columns),
  ])
  const checked = new Set(
    relation.constraints
      .filter((constraint) => constraint.kind === 'check')
      .flatMap((constraint) => constraint.columns),
  )
  return relation.columns
    .filter((column) => allowed.includes(column.name) && !keyed.has(column.name))
    .filter((column) => column.generated === null && column.identity !== 'always')
    .toSorted((a, b) => Number(checked.has(a.name)) - Number(checked.has(b.name)))
}

/** The value that one of the attacker's own rows has in the column. */
export async function ownValue(probe: Probe, column: Column): Promise<NeutralUpdate | null> {
  const read = await probe.session.admin(
    sql`select r.${ident(column.name)}::text as value from ${probe.target.name} r where r.tableoid = $1::oid and r.ctid = $2::tid`,
    [probe.ownRows.tables[0], probe.ownRows.places[0]],
  )
  if (!read.ok || read.rows[0] === undefined) return null
  return { column: column.name, value: read.rows[0]['value'] }
}

/** The columns that decide whose a row is: the tenant column, or the foreign key to the parent. */
export function keyColumns(target: Target): readonly string[] {
  return target.keyColumn === null ? (target.table.through?.columns ?? []) : [target.keyColumn]
}

/** `a = $1, b = $2`. */
export function assignments(columns: readonly string[]): Sql {
  return joinSql(columns.map((column, index) => sql`${ident(column)} = $${integer(index + 1)}`))
}

/** What a sampled row has in the columns. */
export async function keyValues(
  probe: Probe,
  columns: readonly string[],
  rows: RowSample,
): Promise<readonly unknown[] | null> {
  const list = joinSql(
    columns.map((column, index) => sql`r.${ident(column)}::text as ${ident(`c${index}`)}`),
  )
  const read = await probe.session.admin(
    sql`select ${list} from ${probe.target.name} r where r.tableoid = $1::oid and r.ctid = $2::tid`,
    [rows.tables[0], rows.places[0]],
  )
  if (!read.ok || read.rows[0] === undefined) return null
  return columns.map((_, index) => read.rows[0]?.[`c${index}`])
}

/** The key columns with the attacker's own values, if the role may update them. */
export async function ownKey(
  probe: Probe,
): Promise<{ columns: readonly string[]; values: readonly unknown[] } | null> {
  const columns = keyColumns(probe.target)
  const { relation } = probe.target.table
  const allowed = probe.input.access.columns(probe.role, 'UPDATE', relation)
  if (columns.length === 0 || !columns.every((column) => allowed.includes(column))) return null
  const values = await keyValues(probe, columns, probe.ownRows)
  return values === null ? null : { columns, values }
}
