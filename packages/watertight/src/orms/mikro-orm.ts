import { NullCacheAdapter } from '@mikro-orm/postgresql'
import type { Options } from '@mikro-orm/postgresql'
import { WatertightError } from '../errors/index.js'
import type { TxManager } from '../runtime/index.js'
import { TenantEntityManager } from './mikro-orm-entity-manager.js'
import { leadPoolTo } from './mikro-orm-pool.js'

export { tenancyErrorOf } from './driver-errors.js'

type Refused =
  | 'driver'
  | 'driverOptions'
  | 'replicas'
  | 'entityManager'
  | 'allowGlobalContext'
  | 'resultCache'
  | 'sessionContext'
  | 'ensureDatabase'

/** Each is decided by tenancy, would reach past the tenant context, or is the migrator's. */
const refusals: Readonly<Record<Refused, string>> = {
  driver: 'the driver is that of PostgreSQL',
  driverOptions: 'connections are those of the drivers of the TxManager',
  replicas: 'connections are those of the drivers of the TxManager',
  entityManager: 'the entity manager keeps the identity map within one context',
  allowGlobalContext: 'the identity map of a global entity manager is shared by all tenants',
  resultCache: 'the result cache is shared by all tenants',
  sessionContext: 'the context is set for each transaction by the TxManager',
  ensureDatabase: 'the schema is changed by the migrator',
}

/** What a tenant's MikroORM may be given: everything but what tenancy decides. */
export type MikroOrmTenancyOptions = Omit<Options, Refused>

/**
 * Makes the options of ONE MikroORM 7 for all tenants: finds, populates, units of work, transactions
 * and raw queries run through `tx` under the ambient tenant context of the call.
 *
 * A fork of the entity manager belongs to the context of its first use, because its identity map
 * holds that context's rows: whatever it is asked under another context is refused, a flush
 * included. Fork inside of `withContext`, once per request. The result cache is off.
 *
 * Migrations and the schema generator need options of their own, with the migrator's connection
 * string.
 *
 * @throws INVALID_INPUT for `driver`, `driverOptions`, `replicas`, `entityManager`,
 * `allowGlobalContext`, `resultCache`, `sessionContext`, `ensureDatabase`. Calls reject with
 * CONTEXT_MISMATCH and CONTEXT_REQUIRED, or with MikroORM's `DriverException`, in which
 * `tenancyErrorOf` finds what `tx` threw.
 *
 * @example
 * ```ts
 * const orm = await MikroORM.init(mikroOrmTenancy(tx, { entities: [Invoice] }))
 * await withContext(context, () => orm.em.fork().find(Invoice, { paid: false }))
 * // select ... from "invoices" as "i0" where "i0"."paid" = false   one flight with the context
 * ```
 */
export function mikroOrmTenancy(tx: TxManager, options: MikroOrmTenancyOptions): Options {
  for (const [name, reason] of Object.entries(refusals)) {
    if (!Reflect.get(options, name)) continue
    throw new WatertightError('INVALID_INPUT', `${name} cannot be used under tenancy: ${reason}`, {
      object: `mikroOrmTenancy(tx, { ${name} })`,
    })
  }
  return {
    dbName: 'tenancy',
    ...options,
    allowGlobalContext: false,
    ensureDatabase: false,
    entityManager: TenantEntityManager,
    resultCache: { adapter: NullCacheAdapter },
    // INVARIANT: the pool never connects. This host is none (RFC 6761, `.invalid`).
    driverOptions: {
      host: 'tenancy.invalid',
      onPoolCreated: (pool: object) => leadPoolTo(tx, pool),
    },
  }
}
