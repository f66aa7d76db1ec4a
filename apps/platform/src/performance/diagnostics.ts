import pg from 'pg'
import type { Queryable } from 'watertight/sql'

/** A connection that reads statistics of the server, and rows of nobody. */
export interface Diagnostics extends Queryable {
  close(): Promise<void>
}

/**
 * Opens one connection, when it is first asked, of a login that may read `pg_stat_statements` and the
 * statistics of tables under row level security. Every transaction of it is read-only.
 */
export function openDiagnostics(url: string): Diagnostics {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 5000,
    options: '-c default_transaction_read_only=on -c statement_timeout=10s',
    application_name: 'platform-diagnostics',
  })
  // An idle connection that breaks is replaced; the next statement says so if that fails.
  pool.on('error', () => undefined)
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      const { rows, rowCount } = await pool.query(text, [...values])
      return { rows: rows as Row[], rowCount }
    },
    close: () => pool.end(),
  }
}
