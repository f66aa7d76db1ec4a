import type { Queryable } from 'watertight/sql'
import { ApiProblem } from '../api/api-problem.js'
import { connectAdmin } from '../boot/connect-admin.js'
import type { PlanContext } from './plans/plan-context.js'

/** Reads statistics of the server and plans of statements, and rows of nobody. */
export interface Diagnostics {
  /** Under whom slow statements are planned; null where they are not. */
  readonly contexts: PlanContext | null
  /** @throws {ApiProblem} UNAVAILABLE when the server cannot be reached. */
  read<Result>(fn: (db: Queryable) => Promise<Result>): Promise<Result>
}

/** Nothing is written by that login, and nothing keeps it busy. */
const settings =
  '-c default_transaction_read_only=on -c statement_timeout=10s -c application_name=platform-diagnostics'

/**
 * Connects for each page as a login that may read `pg_stat_statements` and the statistics of tables
 * under row level security; every transaction is read-only, and no connection stays open.
 */
export function openDiagnostics(url: string, contexts: PlanContext | null = null): Diagnostics {
  const limited = new URL(url)
  limited.searchParams.set('options', settings)
  return {
    contexts,
    async read(fn) {
      const client = await connectAdmin(limited.href, 'PLATFORM_DIAGNOSTICS_URL').catch(() => {
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
