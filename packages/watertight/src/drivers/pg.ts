import { WatertightError } from '../errors/index.js'
import type { Driver } from '../runtime/driver.js'
import type { PgPool, PgPoolClient, PgQueryClass } from './pg-protocol.js'
import { queryClassOf } from './pg-protocol.js'
import { PgSession } from './pg-session.js'

export type { PgPool } from './pg-protocol.js'

export interface PgDriverOptions {
  /**
   * Keep statements that have parameters prepared on the server, at most 256 per connection. Saves
   * parsing and planning. Leave it off behind PgBouncer before 1.21 in transaction mode.
   */
  readonly prepare?: boolean
}

/**
 * Makes a `pg.Pool` usable for a `TxManager`. The pool logs in as the role of one mode; its
 * `types` and time-outs are honoured. It gets an `error` listener, so that the end of an idle
 * connection does not end the process; the next transaction takes another connection.
 *
 * Statements go through the extended protocol, which refuses several commands in one text
 * (`select 1; drop table x`) with SQLSTATE 42601.
 *
 * @throws INVALID_INPUT on acquire, when the pool is of `pg-native` or has `pipeline: true`, which
 * refuse custom queries.
 *
 * @example
 * ```ts
 * const tx = createTxManager({
 *   pools: { app: pgDriver(new Pool({ connectionString: process.env.DATABASE_URL })) },
 *   signingKey: parseSigningKey(process.env.WATERTIGHT_SIGNING_KEY),
 * })
 * ```
 */
export function pgDriver(pool: PgPool, options: PgDriverOptions = {}): Driver {
  const ignore = (): void => undefined
  pool.on('error', ignore)
  // The server may end a session in the packet that starts it, before anybody has the client: an
  // `error` event that nobody listens to would end the process. The flight reports the loss.
  pool.on('connect', (client) => client.on('error', ignore))
  const prepare = options.prepare ?? false
  const preparedBy = new WeakMap<PgPoolClient, Set<string>>()
  return {
    async acquire() {
      const client = await pool.connect()
      try {
        const queryClass = protocolOf(client)
        const names = preparedBy.get(client) ?? new Set()
        preparedBy.set(client, names)
        const prepared = { enabled: prepare, names }
        const release = (destroy: boolean): void => client.release(destroy)
        return new PgSession({ client, queryClass, prepared, release })
      } catch (error) {
        client.release()
        throw error
      }
    },
  }
}

function protocolOf(client: PgPoolClient): PgQueryClass {
  const queryClass = queryClassOf(client)
  if (queryClass === null) {
    throw new WatertightError('INVALID_INPUT', 'the pool must be of pg, not pg-native', {
      object: 'pgDriver(pool)',
    })
  }
  if ('pipeline' in client && client.pipeline === true) {
    throw new WatertightError('INVALID_INPUT', 'the pool has pipeline: true; leave it out', {
      object: 'pgDriver(pool)',
    })
  }
  return queryClass
}
