import type { DrizzleConfig } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Pool } from 'pg'
import { WatertightError } from '../errors/index.js'
import type { OrmConnection } from './orm-scope.js'
import { createScopedPool } from './scoped-pool.js'

export { tenancyErrorOf } from './driver-errors.js'

/** Drizzle's settings without `cache`, whose keys do not tell tenants apart. */
export type TenantDrizzleConfig<Schema extends Record<string, unknown>> = Omit<
  DrizzleConfig<Schema>,
  'cache'
> & {
  /** Milliseconds after which a transaction without a statement is rolled back; 60 000. */
  readonly abandonAfter?: number
}

/**
 * Makes a Drizzle database whose connections are the scope's: queries, relational queries, raw SQL
 * and transactions run under the ambient context; without one nothing is sent. Inside `tx.run` its
 * statements join that transaction, and its own transactions are savepoints.
 *
 * Errors are Drizzle's `DrizzleQueryError`; its `cause` is what the driver threw
 * (`error.cause.code === '23505'`), and `tenancyErrorOf(error)` the error of watertight.
 *
 * @throws INVALID_INPUT for a `cache`.
 *
 * @example
 * ```ts
 * const db = tenantDrizzle(tx, { schema })
 * await withContext(context, () => db.select().from(invoices).where(eq(invoices.id, id)))
 * // the one flight of tx.query(context, 'select ... from "invoices" where "id" = $1', [id])
 * ```
 */
export function tenantDrizzle<Schema extends Record<string, unknown> = Record<string, never>>(
  tx: OrmConnection,
  config: TenantDrizzleConfig<Schema> = {},
): NodePgDatabase<Schema> {
  const { abandonAfter, ...settings } = config
  if ('cache' in settings && settings.cache !== undefined) {
    throw new WatertightError('INVALID_INPUT', 'a cache of Drizzle does not tell tenants apart', {
      object: 'tenantDrizzle(tx, { cache })',
      hint: 'Leave it out, or cache above the database with the tenant in the key.',
    })
  }
  const pool = createScopedPool(tx, {
    contextToConnect: true,
    ...(abandonAfter !== undefined && { abandonAfter }),
  })
  // Drizzle calls `query`, `connect` and `release` alone.
  return drizzle(pool as unknown as Pool, settings as DrizzleConfig<Schema>)
}
