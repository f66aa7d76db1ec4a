import postgres from 'postgres'
import { WatertightError } from '../errors/index.js'
import type { Driver, Session } from '../runtime/driver.js'
import { requestCancel } from './cancel-request.js'
import { postgresJsCodec } from './postgres-js-codec.js'
import type {
  PostgresErrorClass,
  PostgresJsOptions,
  PostgresJsSql,
} from './postgres-js-protocol.js'
import type { Borrower } from './postgres-js-socket.js'
import { loanQuery, PostgresJsSocket } from './postgres-js-socket.js'
import { ParameterTypes, WireSession } from './wire-session.js'

export type { PostgresJsSql } from './postgres-js-protocol.js'

/** A driver with connections of its own. */
export interface PostgresJsDriver extends Driver {
  /** Waits for the transactions in progress and closes the connections; `sql.end()` does, too. */
  end(options?: { timeout?: number }): Promise<void>
}

/** A transaction that waits for a connection. */
interface Loan {
  start(socket: PostgresJsSocket): Borrower
}

/**
 * Makes an instance of `postgres` (porsager) usable for a `TxManager`. Its options hold for the
 * connections of the driver: `max`, TLS, time-outs, `types`, `transform`, `prepare`, several
 * hosts. They log in as the role of one mode, and are apart from those of the instance itself, so
 * that no statement outside of the manager gets into a transaction.
 *
 * `postgres` opens the connections, keeps them in its pool and makes the errors; the statements of
 * a flight are sent by the driver, for `postgres` ends each with a Sync of its own.
 *
 * @throws INVALID_INPUT for something that is not an instance of `postgres` 3.4 or later, and for its
 * option `socket`.
 *
 * @example
 * ```ts
 * const sql = postgres(process.env.DATABASE_URL, { max: 20 })
 * const tx = createTxManager({
 *   pools: { app: postgresJsDriver(sql) },
 *   signingKey: parseSigningKey(process.env.WATERTIGHT_SIGNING_KEY),
 * })
 * ```
 */
export function postgresJsDriver(sql: PostgresJsSql): PostgresJsDriver {
  const options = optionsOf(sql)
  const codec = postgresJsCodec(options, sql.PostgresError as PostgresErrorClass)
  const parameterTypes = new ParameterTypes()
  const loans = new Map<string, Loan>()
  let lastLoan = 0
  let sockets = 0
  const open = new Set<PostgresJsSocket>()
  const drained = new Set<() => void>()

  function onLoan(id: string, socket: PostgresJsSocket): Borrower | null {
    const loan = loans.get(id)
    forget(id)
    return loan?.start(socket) ?? null
  }

  function forget(id: string): void {
    loans.delete(id)
    noteDrained()
  }

  function noteDrained(): void {
    if (loans.size > 0 || open.size > 0) return
    for (const resolve of drained) resolve()
  }

  function makeSocket(): PostgresJsSocket {
    const socket = new PostgresJsSocket(options, sockets++, onLoan)
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      noteDrained()
    })
    return socket
  }

  // INVARIANT: with `max_pipeline: 0` a connection takes no query while one is in progress, so a
  // loan has its connection for itself.
  const pool = postgres({
    ...options,
    shared: { ...options.shared, retries: 0 },
    ssl: false,
    sslnegotiation: null,
    socket: makeSocket,
    // Those of the options would change what `postgres` asks for by itself: the types of arrays, whose
    // serializers it makes with these options, and shares with the instance.
    transform: { undefined: options.transform.undefined, column: {}, value: {}, row: {} },
    max_pipeline: 0,
    debug: false,
    no_subscribe: true,
  } as object)

  function acquire(): Promise<Session> {
    return new Promise((resolve, reject) => {
      lastLoan += 1
      const id = String(lastLoan)
      loans.set(id, {
        start(socket) {
          const session = sessionOn(socket)
          resolve(session)
          return session
        },
      })
      pool.unsafe(loanQuery(id)).then(
        () => forget(id),
        (error: Error) => {
          forget(id)
          // After the start of the loan the session has the news from the socket.
          reject(error)
        },
      )
    })
  }

  function sessionOn(socket: PostgresJsSocket): WireSession {
    return new WireSession({
      link: {
        write: (bytes) => socket.send(bytes),
        pause: () => socket.pause(),
        resume: () => socket.resume(),
      },
      codec,
      parameterTypes,
      prepared: options.prepare ? socket.prepared : null,
      stale: socket.stale,
      closing: socket.closing,
      requestCancel: async () =>
        socket.key === null ? 'unsent' : requestCancel(socket.address, socket.key),
      release: (destroy) => {
        if (destroy) socket.destroy()
        else socket.giveBack()
      },
    })
  }

  // `postgres` waits for the query of a connection that was lost in it, which never ends.
  const end = (ending?: { timeout?: number }): Promise<void> => {
    const isDrained = new Promise<void>((resolve) => drained.add(resolve))
    const ended = Promise.race([pool.end(ending), isDrained])
    noteDrained()
    return ended
  }
  const endInstance = sql.end
  sql.end = async (ending) => {
    await Promise.all([end(ending), endInstance(ending)])
  }
  return { acquire, end }
}

function optionsOf({ options, PostgresError }: PostgresJsSql): PostgresJsOptions {
  const known = options as Partial<PostgresJsOptions> | undefined
  const isParsed =
    typeof PostgresError === 'function' &&
    Array.isArray(known?.host) &&
    typeof known.parsers === 'object' &&
    typeof known.serializers === 'object' &&
    typeof known.shared === 'object'
  if (isParsed && typeof known.socket === 'function') {
    throw new WatertightError('INVALID_INPUT', 'the option socket of postgres is not supported', {
      object: 'postgresJsDriver(sql)',
      hint: 'Name host and port or path, or use pgDriver with a pool whose stream is yours.',
    })
  }
  if (isParsed) return known as PostgresJsOptions
  throw new WatertightError('INVALID_INPUT', 'not an instance of postgres 3.4 or later', {
    object: 'postgresJsDriver(sql)',
    hint: 'Pass what postgres(...) returned.',
  })
}
