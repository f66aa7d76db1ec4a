import { findPgBouncer, startPgBouncer } from '../scripts/pgbouncer.mjs'
import type { PgBouncer } from '../scripts/pgbouncer.mjs'
import { announce } from './run-servers.js'

export { startPgBouncer }
export type { PgBouncer }

/** Whether the tests behind a pooler can run; says why not where they cannot. */
export function hasPgBouncer(): boolean {
  if (findPgBouncer() !== undefined) return true
  announce('tests: skipped behind PgBouncer, which scripts/install-tools.sh installs')
  return false
}
