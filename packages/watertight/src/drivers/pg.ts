import { createHash } from 'node:crypto'
import { WatertightError } from '../errors/index.js'
import type {
  Driver,
  Flight,
  LandedFlight,
  Session,
  Statement,
  TransactionStatus,
} from '../runtime/driver.js'
import type { EncodedStatement } from './pg-flight.js'
import { PgFlight } from './pg-flight.js'
import type { PgPool, PgPoolClient, PgQueryClass } from './pg-protocol.js'
import { queryClassOf, valueMapperOf } from './pg-protocol.js'

export type { PgPool } from './pg-protocol.js'

export interface PgDriverOptions {
  /**
   * Keep statements that have parameters prepared on the server, at most 256 per connection. Saves
   * parsing and planning. Leave it off behind PgBouncer before 1.21 in transaction mode.
   */
  readonly prepare?: boolean
}

const maxPrepared = 256
const maxParameters = 65_535

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
        const prepared = preparedBy.get(client) ?? new Set()
        preparedBy.set(client, prepared)
        return new PgSession(client, queryClass, { enabled: prepare, names: prepared })
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

/** SQLSTATE 26000: someone ran DEALLOCATE or DISCARD, or a pooler switched servers. */
function isForgotten({ failure }: LandedFlight): boolean {
  const cause = failure?.cause
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === '26000'
}

class PgSession implements Session {
  readonly #client: PgPoolClient
  readonly #queryClass: PgQueryClass
  readonly #prepared: { readonly enabled: boolean; readonly names: Set<string> }
  #status: TransactionStatus = 'idle'
  #lost: { readonly cause: unknown } | null = null

  constructor(
    client: PgPoolClient,
    queryClass: PgQueryClass,
    prepared: { readonly enabled: boolean; readonly names: Set<string> },
  ) {
    this.#client = client
    this.#queryClass = queryClass
    this.#prepared = prepared
    client.on('error', this.#onError)
  }

  readonly #onError = (cause: unknown): void => {
    this.#lost ??= { cause }
  }

  async flight(statements: readonly Statement[]): Promise<Flight> {
    if (this.#lost !== null) {
      return { kind: 'lost', sent: false, refused: false, cause: this.#lost.cause }
    }
    const encoded: EncodedStatement[] = []
    for (const [index, statement] of statements.entries()) {
      try {
        encoded.push(this.#encode(statement))
      } catch (cause) {
        return this.#unsent(index, cause)
      }
    }
    const flight = new PgFlight(encoded, {
      queryClass: this.#queryClass,
      types: this.#client,
      binary: 'binary' in this.#client && this.#client.binary === true,
      prepared: this.#prepared.names,
    })
    this.#client.query(flight)
    const outcome = await flight.outcome
    if (outcome.kind === 'lost') this.#lost ??= outcome
    else this.#status = outcome.status
    if (outcome.kind === 'landed' && isForgotten(outcome)) this.#prepared.names.clear()
    return outcome
  }

  #unsent(index: number, cause: unknown): LandedFlight {
    const failure = { index, origin: 'client', cause } as const
    return { kind: 'landed', results: [], failure, status: this.#status }
  }

  #encode({ text, values, rowMode, types }: Statement): EncodedStatement {
    // SECURITY: the protocol ends a text at NUL, so what follows would be read as other fields.
    if (text.includes('\0')) throw new TypeError('a statement cannot hold a NUL character')
    if (values.length > maxParameters) {
      throw new TypeError(`a statement can have ${maxParameters} parameters at most`)
    }
    return {
      text,
      values: values.map(valueMapperOf(this.#queryClass)),
      name: this.#nameFor(text, values),
      rowMode,
      types: types ?? null,
    }
  }

  /**
   * INVARIANT: a statement without parameters is never named: its plan would be made for the
   * tenant that runs it first and serve all others.
   */
  #nameFor(text: string, values: readonly unknown[]): string | null {
    if (!this.#prepared.enabled || values.length === 0) return null
    const name = `wt_${createHash('sha256').update(text).digest('hex').slice(0, 40)}`
    const { names } = this.#prepared
    return names.has(name) || names.size < maxPrepared ? name : null
  }

  release(destroy: boolean): void {
    this.#client.release(destroy || this.#lost !== null)
    // The pool listens again from here on.
    this.#client.removeListener('error', this.#onError)
  }
}
