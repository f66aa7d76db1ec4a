import pg from 'pg'
import type { Queryable } from 'watertight/sql'
import { ApiProblem } from '../api/api-problem.js'

/** Reads statistics of the server, and rows of nobody. */
export interface Diagnostics {
  /** @throws {ApiProblem} UNAVAILABLE when the server cannot be reached. */
  read<Result>(fn: (db: Queryable) => Promise<Result>): Promise<Result>
}

/**
 * Connects for each page as a login that may read `pg_stat_statements` and the statistics of tables
 * under row level security; every transaction is read-only, and none stays open.
 */
export function openDiagnostics(url: string): Diagnostics {
  return {
    async read(fn) {
      const client = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: 5000,
        options: '-c default_transaction_read_only=on -c statement_timeout=10s',
        application_name: 'platform-diagnostics',
      })
      // A connection that breaks while idle is reported by the next statement.
      client.on('error', () => undefined)
      await client.connect().catch(() => {
        throw new ApiProblem('UNAVAILABLE', 'the statistics of the server cannot be read now')
      })
      try {
        return await fn(client)
      } finally {
        await client.end().catch(() => undefined)
      }
    },
  }
}
