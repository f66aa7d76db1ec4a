import pg from 'pg'
import type { Target } from '../throughput/adapter.js'

/** The pool that every library built on `pg` gets. */
export function openPool({ url, poolSize }: Target): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: poolSize, min: poolSize })
  pool.on('error', () => undefined)
  return pool
}

/** The setting that the policies of most libraries read. */
export const setTenant = "select set_config('app.tenant_id', $1, true)"
