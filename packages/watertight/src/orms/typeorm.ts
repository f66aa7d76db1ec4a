import type { DataSourceOptions } from 'typeorm'
import { WatertightError } from '../errors/index.js'
import type { TxManager } from '../runtime/index.js'
import { createScopedPool } from './scoped-pool.js'
import { answerStart } from './typeorm-start.js'

export { tenancyErrorOf } from './driver-errors.js'

/** Options of TypeORM for PostgreSQL. */
export type TypeormOptions = Extract<DataSourceOptions, { readonly type: 'postgres' }>

/** What a tenant's data source may be given: everything but what tenancy decides. */
export type TypeormTenancyOptions = Omit<TypeormOptions, 'type' | 'driver' | 'nativeDriver'>

/** Each would reach past the tenant context, or belongs to the role that migrates. */
const refusals: Readonly<Partial<Record<keyof TypeormTenancyOptions, string>>> = {
  cache: 'its result cache is shared by all tenants',
  replication: 'connections are those of the drivers of the TxManager',
  synchronize: 'the schema is changed by the migrator',
  migrationsRun: 'the schema is changed by the migrator',
  dropSchema: 'the schema is changed by the migrator',
  parseInt8: 'types are parsed by the drivers of the TxManager; set the parser there',
  logNotifications: 'notices come on the connections of the drivers of the TxManager',
}

/**
 * Makes the options of ONE TypeORM data source for all tenants: repositories, relations, query
 * builders, query runners, transactions and raw queries run through `tx` under the ambient tenant
 * context of the call. Starting it sends no SQL.
 *
 * Migrations run from a data source of their own, with the migrator's connection string.
 *
 * @throws INVALID_INPUT for `cache`, `replication`, `synchronize`, `migrationsRun`, `dropSchema`,
 * `parseInt8`, `logNotifications`. Queries reject with TypeORM's `QueryFailedError`; `tenancyErrorOf`
 * finds what `tx` threw.
 *
 * @example
 * ```ts
 * const dataSource = await new DataSource(typeormTenancy(tx, { entities: [Invoice] })).initialize()
 * await withContext(context, () => dataSource.getRepository(Invoice).find())
 * // SELECT ... FROM "invoices" "Invoice"   one flight with the context
 * ```
 */
export function typeormTenancy(tx: TxManager, options: TypeormTenancyOptions = {}): TypeormOptions {
  for (const [name, reason] of Object.entries(refusals)) {
    if (!Reflect.get(options, name)) continue
    throw new WatertightError('INVALID_INPUT', `${name} cannot be used under tenancy: ${reason}`, {
      object: `typeormTenancy(tx, { ${name} })`,
    })
  }
  return {
    ...options,
    type: 'postgres',
    driver: pgOf(tx, options),
    // INVARIANT: with no `native` in `driver`, TypeORM does not look at this.
    nativeDriver: {},
    installExtensions: false,
  }
}

/** The part of the module `pg` that TypeORM uses. It makes the pool itself, by `new`. */
function pgOf(tx: TxManager, options: TypeormTenancyOptions): { readonly Pool: unknown } {
  return {
    Pool: function Pool() {
      return answerStart(createScopedPool(tx), options)
    },
  }
}
