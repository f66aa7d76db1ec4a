import { sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { ProbeSession } from './session.js'
import type { Target } from './target.js'

/** Physical places of rows: stable inside a transaction that does not change them. */
export interface RowSample {
  readonly tables: readonly string[]
  readonly places: readonly string[]
}

/** Up to 500 rows of one tenant (or user), seen as the connected role. */
export async function sampleRows(
  session: ProbeSession,
  target: Target,
  key: string,
): Promise<RowSample> {
  // The key may be no value of the column's type, which ends a transaction without a savepoint.
  const result = await session.keep(() =>
    session.admin(
      sql`select r.tableoid::text as t, r.ctid::text as c from ${target.name} r where ${target.key} = $1::${target.keyType} limit ${limit}`,
      [key],
    ),
  )
  const rows = result.ok ? (result.rows as { t: string; c: string }[]) : []
  return { tables: rows.map((row) => row.t), places: rows.map((row) => row.c) }
}

const limit: Sql = sql`500`

/** The condition that row `r` is one of the sample, given as parameters `$1` and `$2`. */
export const inSample: Sql = sql`(r.tableoid, r.ctid) in (select * from unnest($1::oid[], $2::tid[]))`

/** Rows of the sample that are no longer where they were: updated or deleted. */
export async function missingRows(
  session: ProbeSession,
  target: Target,
  sample: RowSample,
): Promise<number> {
  const result = await session.admin(
    sql`select count(*)::int as n from ${target.name} r where ${inSample}`,
    [sample.tables, sample.places],
  )
  return result.ok ? sample.places.length - numberOf(result.rows[0]?.['n']) : 0
}

/** How many rows a tenant (or user) has, seen as the connected role. */
export async function countRows(
  session: ProbeSession,
  target: Target,
  key: string,
): Promise<number> {
  const result = await session.admin(
    sql`select count(*)::int as n from ${target.name} r where ${target.key} = $1::${target.keyType}`,
    [key],
  )
  return result.ok ? numberOf(result.rows[0]?.['n']) : 0
}

/** The table has more rows than a statement without WHERE should touch on a live system. */
export async function hasMoreRowsThan(
  session: ProbeSession,
  target: Target,
  most: number,
): Promise<boolean> {
  const result = await session.admin(
    sql`select count(*)::int as n from (select from ${target.name} limit $1::int) some_rows`,
    [most + 1],
  )
  return !result.ok || numberOf(result.rows[0]?.['n']) > most
}

/** Reads a count that a driver may give as number, string or bigint. */
export function numberOf(value: unknown): number {
  return Number(value ?? 0)
}
