import { WatertightError } from '../errors/index.js'
import type { Driver, Session } from '../runtime/driver.js'
import { ident, sql } from '../sql/index.js'
import { pgliteCodec, pgliteError } from './pglite-codec.js'
import type { PgliteConversions } from './pglite-codec.js'
import { readDataRow, readErrorFields, WireReader } from './wire-reader.js'
import { ParameterTypes, WireSession } from './wire-session.js'
import { WireWriter } from './wire-writer.js'

/** The parts of PGlite (0.3 and later) that the driver touches, structurally. */
export interface PgliteDatabase extends PgliteConversions {
  readonly waitReady: Promise<void>
  /** Between the statements of `db.transaction` the lock of queries is free, this one is not. */
  _runExclusiveTransaction<Result>(fn: () => Promise<Result>): Promise<Result>
  runExclusive<Result>(fn: () => Promise<Result>): Promise<Result>
  execProtocolRaw(message: Uint8Array): Promise<Uint8Array>
}

export interface PgliteDriverOptions {
  /**
   * The role that sessions run as. PGlite logs in as a superuser, for whom RLS does not exist; the
   * driver takes on this role for each transaction.
   */
  readonly role: string
}

const copyFromStdin = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*copy\b[\s\S]*\bfrom\s+stdin\b/i

/**
 * Makes a PGlite database usable for a `TxManager`, for unit tests without a server. There is one
 * connection, so transactions take turns, and calls of `db` itself wait for the one in progress:
 * inside of `run`, use its handle. No flight can be cancelled, and COPY FROM STDIN is refused.
 *
 * SECURITY: the role is taken on with SET SESSION AUTHORIZATION, which any SQL can reset, for the
 * login behind it is a superuser. What a test shows about SQL that means to escape holds on a
 * server only.
 *
 * @throws INVALID_INPUT without a role; CONNECTION_FAILED on acquire, when the role cannot be taken
 * on or given up.
 *
 * @example
 * ```ts
 * const db = await PGlite.create()
 * const tx = createTxManager({
 *   pools: { app: pgliteDriver(db, { role: 'acme_app' }) },
 *   signingKey,
 * })
 * ```
 */
export function pgliteDriver(db: PgliteDatabase, options: PgliteDriverOptions): Driver {
  if (typeof options?.role !== 'string' || options.role === '') {
    throw new WatertightError('INVALID_INPUT', 'pgliteDriver needs the role to run as', {
      object: 'pgliteDriver(db, { role })',
    })
  }
  const takeOn = sql`set session authorization ${ident(options.role)}`.text
  const parameterTypes = new ParameterTypes()
  let broken: unknown = null

  const exclusively = <Result>(use: () => Promise<Result>): Promise<Result> =>
    // oxlint-disable-next-line no-underscore-dangle -- the only name that PGlite gives it
    db._runExclusiveTransaction(() => db.runExclusive(use))

  function acquire(): Promise<Session> {
    return new Promise((resolve, reject) => {
      db.waitReady
        .then(() =>
          exclusively(async () => {
            if (broken !== null) throw failure('a session could not be ended', broken)
            const login = await loginOf(db)
            try {
              await run(db, takeOn)
            } catch (cause) {
              throw failure('the role cannot be taken on', cause)
            }
            await new Promise<void>((released) => resolve(open(released)))
            try {
              await restore(db, login)
            } catch (cause) {
              broken = cause
            }
          }),
        )
        .catch(reject)
    })
  }

  function open(released: () => void): WireSession {
    const reader = new WireReader()
    let outgoing: Buffer[] = []
    const exchange = async (): Promise<void> => {
      const bytes = Buffer.concat(outgoing)
      outgoing = []
      const answer = await db.execProtocolRaw(bytes)
      // A copy, because the memory is that of the WebAssembly module.
      for (const message of reader.read(Buffer.from(answer))) session.accept(message)
    }
    const session = new WireSession({
      link: {
        write(bytes) {
          if (outgoing.length === 0) {
            queueMicrotask(() => {
              exchange().catch((cause: unknown) => {
                broken ??= cause
                session.lose(cause)
              })
            })
          }
          outgoing.push(bytes)
          return undefined
        },
        pause: () => undefined,
        resume: () => undefined,
      },
      codec: pgliteCodec(db),
      parameterTypes,
      prepared: null,
      stale: new Set(),
      closing: new Set(),
      check(text) {
        // It ends the WebAssembly module.
        if (copyFromStdin.test(text)) throw new TypeError('PGlite has no COPY FROM STDIN')
      },
      requestCancel: () => Promise.resolve('unsent'),
      release: released,
    })
    return session
  }

  return { acquire }
}

function failure(message: string, cause: unknown): WatertightError {
  return new WatertightError('CONNECTION_FAILED', `${message}; see cause`, { cause })
}

/** The role to go back to: PGlite does not remember it, so RESET would change nothing. */
async function loginOf(db: PgliteDatabase): Promise<string> {
  const [login] = await run(db, 'select session_user')
  if (typeof login !== 'string') throw failure('the session has no user', null)
  return login
}

/** Whatever a session left behind ends with it, as it would with a connection. */
async function restore(db: PgliteDatabase, login: string): Promise<void> {
  await run(db, 'rollback')
  await run(db, 'discard all')
  await run(db, sql`set session authorization ${ident(login)}`.text)
}

/** Runs a text without parameters; returns the values of its last row. */
async function run(db: PgliteDatabase, text: string): Promise<readonly (string | null)[]> {
  const writer = new WireWriter()
  writer.parse('', text, [])
  writer.bind('', [])
  writer.execute()
  writer.sync()
  const messages = new WireReader().read(Buffer.from(await db.execProtocolRaw(writer.take())))
  const refusal = messages.find(({ type }) => type === 'E')
  if (refusal !== undefined) throw pgliteError(readErrorFields(refusal.bytes))
  const row = messages.findLast(({ type }) => type === 'D')
  return row === undefined ? [] : readDataRow(row.bytes)
}
