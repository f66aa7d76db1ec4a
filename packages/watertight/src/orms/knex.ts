import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import createKnex from 'knex'
import type { Knex } from 'knex'
import { WatertightError } from '../errors/index.js'
import type { OrmConnection } from './orm-scope.js'
import { OrmScope } from './orm-scope.js'
import type { ScopedResult } from './query-arguments.js'
import { statementOf } from './query-arguments.js'
import { ScopedClient } from './scoped-client.js'

export { tenancyErrorOf } from './driver-errors.js'

/** Knex's settings without those of connections, which are the scope's. */
export type TenantKnexConfig = Omit<
  Knex.Config,
  'client' | 'dialect' | 'connection' | 'pool' | 'searchPath'
> & {
  /** Milliseconds after which a transaction without a statement is rolled back; 60 000. */
  readonly abandonAfter?: number
}

/** What Knex hands its client to run. */
interface KnexQuery {
  readonly sql?: string
  readonly bindings?: readonly unknown[]
  readonly options?: object
  response?: ScopedResult
}

interface KnexStreamOptions {
  readonly batchSize?: number
}

type KnexClientClass = new (config: Knex.Config) => Knex.Client

const notTheirs = ['client', 'connection', 'connectionPool', 'pool', 'searchPath'] as const

/**
 * Makes a Knex whose connections are the scope's: queries, raw SQL, streams and transactions run
 * under the ambient context; without one nothing is sent. Inside `tx.run` its statements join that
 * transaction, and its own transactions are savepoints. Its errors are those of the driver
 * (`error.code === '23505'`), behind which `tenancyErrorOf` finds the code of watertight; their
 * messages hold the SQL without its values, unless `compileSqlOnError` is true.
 *
 * @throws INVALID_INPUT for settings of connections, `searchPath` among them: it would be set once
 * for a session that many tenants share.
 *
 * @example
 * ```ts
 * const knex = tenantKnex(tx)
 * await withContext(context, () => knex('invoices').where({ id }).first())
 * // the one flight of tx.query(context, 'select * from "invoices" where "id" = $1 limit $2', ...)
 * ```
 */
export function tenantKnex(tx: OrmConnection, config: TenantKnexConfig = {}): Knex {
  const given = notTheirs.find((name) => Reflect.get(config, name) !== undefined)
  if (given !== undefined) {
    throw new WatertightError('INVALID_INPUT', `connections are the scope's: leave ${given} out`, {
      object: `tenantKnex(tx, { ${given} })`,
      hint: 'Name schemas in queries (withSchema), or set search_path on the role.',
    })
  }
  const { abandonAfter, ...settings } = config
  const scope = new OrmScope(tx)
  const client = tenantClient(scope, abandonAfter === undefined ? {} : { abandonAfter })
  return createKnex({ compileSqlOnError: false, ...settings, client })
}

/** The client that knows PostgreSQL, over connections of the scope. */
function tenantClient(
  scope: OrmScope,
  options: { readonly abandonAfter?: number },
): typeof Knex.Client {
  // Without a connection Knex loads neither a driver nor a pool.
  const { constructor } = createKnex({ client: 'pg' }).client as { constructor: KnexClientClass }
  let connections = 0
  class TenantKnexClient extends constructor {
    override acquireConnection(): Promise<ScopedClient> {
      connections += 1
      // Knex tells queries of one connection by this name, in its events and its debug log.
      const uid = { __knexUid: `__knexUid${String(connections)}` }
      return Promise.resolve(Object.assign(new ScopedClient(scope, options), uid))
    }

    // Knex waits for this before it rejects a query that timed out, whose answer may be long in coming.
    override async releaseConnection(connection: ScopedClient): Promise<void> {
      void connection.close()
    }

    async _query(connection: ScopedClient, query: KnexQuery): Promise<KnexQuery> {
      const { sql: text, bindings = [], options: extra = {} } = query
      // As Knex does: what it builds of no rows is no statement.
      if (!text) throw new Error('The query is empty')
      const statement = statementOf({ query: { ...extra, text, values: bindings } })
      query.response = await connection.execute(statement)
      return query
    }

    async _stream(
      connection: ScopedClient,
      { sql: text = '', bindings = [] }: KnexQuery,
      target: NodeJS.WritableStream,
      { batchSize = 100 }: KnexStreamOptions = {},
    ): Promise<void> {
      await pipeline(Readable.from(connection.stream(text, bindings, batchSize)), target)
    }

    override async destroy(callback?: () => void): Promise<void> {
      callback?.()
    }
  }
  // There is no process id here; the clients of transactions know the prototype alone.
  Object.assign(TenantKnexClient.prototype, { canCancelQuery: false })
  return TenantKnexClient as unknown as typeof Knex.Client
}
