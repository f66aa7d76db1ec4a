import { createHash } from 'node:crypto'
import type { Queryable } from 'watertight/sql'

/** Distance from the moment of seeding; negative is the past. */
export interface DemoOffset {
  readonly days?: number
  readonly hours?: number
  readonly minutes?: number
}

/** What the seeding of one schema works with. */
export interface SeedContext {
  readonly db: Queryable
  /** The moment of seeding by the server's clock, moved by the offset, as ISO 8601. */
  readonly at: (offset: DemoOffset) => string
}

/** A row as `jsonb_populate_recordset` reads it: bytea as `\x…`, a composite value as an object. */
export type DemoRow = Readonly<Record<string, unknown>>

/** Reads the server's clock, since validity windows are judged by it. */
export async function openSeedContext(db: Queryable): Promise<SeedContext> {
  const { rows } = await db.query<{ now: string }>(
    'select (extract(epoch from date_trunc($1, now())) * 1000)::bigint::text as now',
    ['second'],
  )
  const now = Number(rows[0]?.now)
  return {
    db,
    at: ({ days = 0, hours = 0, minutes = 0 }) =>
      new Date(now + ((days * 24 + hours) * 60 + minutes) * 60_000).toISOString(),
  }
}

/**
 * Inserts rows with a statement that reads them from its only parameter, `$1::jsonb`.
 *
 * @example
 * insertRows(db, `insert into core.tenants (id, slug) select id, slug
 *   from jsonb_populate_recordset(null::core.tenants, $1::jsonb)`, [{ id, slug }])
 */
export async function insertRows(
  { db }: SeedContext,
  statement: string,
  rows: readonly DemoRow[],
): Promise<void> {
  await db.query(statement, [JSON.stringify(rows)])
}

/** SHA-256 of the text as a bytea literal. */
export function demoDigest(text: string): string {
  return `\\x${createHash('sha256').update(text).digest('hex')}`
}

/** The element at a position counted from 1, starting over at the end. */
export function inTurn<Value>(values: readonly [Value, ...Value[]], position: number): Value {
  return values[(position - 1) % values.length] ?? values[0]
}
