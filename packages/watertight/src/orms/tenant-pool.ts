import type { OrmConnection } from './orm-scope.js'
import type { ScopedPool, ScopedPoolOptions } from './scoped-pool.js'
import { createScopedPool } from './scoped-pool.js'

export { tenancyErrorOf } from './driver-errors.js'
export type { ScopedPool, ScopedResult } from './scoped-pool.js'

/** What a {@link tenantPool} may be given. */
export type TenantPoolOptions = Pick<ScopedPoolOptions, 'abandonAfter' | 'types'>

/**
 * Makes a look-alike of `pg.Pool` for what has no adapter of its own and takes a pool: queries, clients
 * and transactions run through `tx` under the ambient tenant context, or under that of a handle. It has
 * no connections and opens none.
 *
 * @throws Its calls reject as those of {@link ScopedPool}: CONTEXT_REQUIRED without a context,
 * CONTEXT_MISMATCH for a client used under two, STATEMENT_REFUSED for what would stay on a connection.
 *
 * @example
 * ```ts
 * const pool = tenantPool(tx) as unknown as pg.Pool
 * await withContext(context, () => db.select('invoices', {}).run(pool))
 * // SELECT ... FROM "invoices"   one flight with the context
 * ```
 */
export function tenantPool(tx: OrmConnection, options: TenantPoolOptions = {}): ScopedPool {
  const { abandonAfter, types } = options
  return createScopedPool(tx, {
    ...(abandonAfter !== undefined && { abandonAfter }),
    ...(types !== undefined && { types }),
  })
}
