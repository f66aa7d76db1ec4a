import { WatertightError } from '../errors/index.js'
import type { Driver } from '../runtime/driver.js'
import type { PgClient, PgLease, PgPool, PgQueryClass, PgSingleClient } from './pg-protocol.js'
import { queryClassOf, valueMapperOf } from './pg-protocol.js'
import { PgLink } from './pg-link.js'
import { isSingleClient, SingleClient } from './pg-single-client.js'
import { PgSession } from './pg-session.js'
import { PreparedNames, PreparePolicy } from './prepared-names.js'

export type { PgPool, PgSingleClient } from './pg-protocol.js'

export interface PgDriverOptions {
  /**
   * Which statements with parameters are kept prepared on the server, the 256 per connection that were used last, so
   * that they are not parsed and planned anew. `auto`, the default: from their second use on, unless
   * a pooler answers in place of the server (its process id tells). A name that the server has lost, or
   * whose tables were altered, is replaced unseen where the statement ran alone or first in its transaction;
   * later its error comes once, and `retry` runs the function again. `true`: all of them, also through a
   * pooler that keeps statements, such as PgBouncer from 1.21 on. `false`: none.
   */
  readonly prepare?: boolean | 'auto'
}

/**
 * Makes a `pg.Pool`, or a single `pg.Client`, usable for a `TxManager`. The pool logs in as the role of one mode; its
 * `types` and time-outs are honoured. It gets an `error` listener, so that the end of an idle
 * connection does not end the process; the next transaction takes another connection.
 *
 * Transactions on a single client take turns; the driver connects it if its owner has not, and
 * closes it when it is not fit for reuse. Nothing else may use it: whatever ran on it meanwhile
 * would run inside of a tenant's transaction.
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
export function pgDriver(source: PgPool | PgSingleClient, options: PgDriverOptions = {}): Driver {
  const lease = isSingleClient(source) ? leaseOfClient(source) : leaseOfPool(source)
  const { prepare = 'auto' } = options
  const policy = new PreparePolicy(prepare === 'auto' ? 'familiar' : prepare ? 'all' : 'none')
  const links = new WeakMap<PgClient, PgLink>()
  let isProbed = prepare !== 'auto'
  const open = ({ client, release }: PgLease): PgSession | Promise<PgSession> => {
    try {
      const toWire = valueMapperOf(protocolOf(client))
      const link = links.get(client) ?? new PgLink(client, new PreparedNames(client, policy))
      links.set(client, link)
      const session = new PgSession({ link, toWire, release })
      if (isProbed) return session
      return probe(session, client, policy).then((isDone) => {
        isProbed = isDone
        return session
      })
    } catch (error) {
      release(false)
      throw error
    }
  }
  return { acquire: () => lease(open) }
}

/**
 * Asks the server for the process that serves the connection. A pooler gives its clients keys of its
 * own, and may serve the next statement by another process, which knows none of their names.
 */
async function probe(
  session: PgSession,
  client: PgClient,
  policy: PreparePolicy,
): Promise<boolean> {
  const text = 'select pg_catalog.pg_backend_pid()::pg_catalog.text as pid'
  const flight = await session.flight([{ text, values: [] }])
  if (flight.kind === 'lost' || flight.failure !== null) return false
  const row = flight.results[0]?.rows[0] as { pid?: unknown } | undefined
  policy.isDirect = row?.pid === String((client as { processID?: unknown }).processID)
  if (!policy.isDirect) policy.stop()
  return true
}

/** Takes a connection and makes a session of it, without a promise between the two. */
type Leasing = (open: (lease: PgLease) => PgSession | Promise<PgSession>) => Promise<PgSession>

function leaseOfClient(source: PgSingleClient): Leasing {
  const single = new SingleClient(source)
  return (open) => single.lease().then(open)
}

function leaseOfPool(pool: PgPool): Leasing {
  const ignore = (): void => undefined
  pool.on('error', ignore)
  // The server may end a session in the packet that starts it, before anybody has the client: an
  // `error` event that nobody listens to would end the process. The flight reports the loss.
  pool.on('connect', (client) => client.on('error', ignore))
  return (open) =>
    pool
      .connect()
      .catch(throwExhausted)
      .then((client) => open({ client, release: (destroy) => client.release(destroy) }))
}

/** What `pg-pool` says, in no other way, where `connectionTimeoutMillis` ends the wait for a client in use. */
const exhausted = 'timeout exceeded when trying to connect'

function throwExhausted(cause: unknown): never {
  if (!(cause instanceof Error) || cause.message !== exhausted) throw cause
  throw new WatertightError(
    'ACQUIRE_TIMEOUT',
    'no connection became free within connectionTimeoutMillis: the pool is exhausted',
    { cause, hint: 'Shorten transactions, raise the size of the pool, or shed load.' },
  )
}

function protocolOf(client: PgClient): PgQueryClass {
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
