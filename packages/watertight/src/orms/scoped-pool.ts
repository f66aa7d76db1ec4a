import { EventEmitter } from 'node:events'
import { WatertightError } from '../errors/index.js'
import type { Driver, Statement, TypeParsers } from '../runtime/index.js'
import type { Bootstrap } from './bootstrap.js'
import { bootstrapQueries } from './bootstrap.js'
import type { Callback, ScopedResult } from './query-arguments.js'
import type { OrmConnection } from './orm-scope.js'
import { OrmScope } from './orm-scope.js'
import { answerQuery, deliver } from './query-arguments.js'
import { ScopedClient, executeAlone } from './scoped-client.js'
import { controlOf, refused } from './statement-control.js'

export type { ScopedResult } from './query-arguments.js'

export interface ScopedPoolOptions {
  /**
   * Questions that the ORM asks of the server before there is a tenant: exact, read-only texts,
   * run without a context through this driver. None by default.
   */
  readonly bootstrap?: { readonly driver: Driver; readonly texts: readonly string[] }
  /** Milliseconds after which a transaction without a statement is rolled back; 60 000. */
  readonly abandonAfter?: number
  /** True: `connect` rejects without a context, for ORMs that forget a client which cannot begin. */
  readonly contextToConnect?: boolean
  /** Parsers for what its queries read; those of the driver by default. */
  readonly types?: TypeParsers
}

/** How a callback gives a client back. */
type Release = (error?: unknown) => void

/**
 * Makes a look-alike of `pg.Pool` for ORMs: below their client, so that nothing they send escapes
 * the scope. It has no connections: they are those of the drivers of `tx`.
 *
 * @example
 * ```ts
 * const pool = createScopedPool(tx)
 * await withContext(context, () => pool.query('select * from invoices where id = $1', [id]))
 * // the one flight of tx.query(currentContext(), ...)
 * ```
 */
export function createScopedPool(tx: OrmConnection, options: ScopedPoolOptions = {}): ScopedPool {
  return new ScopedPool(tx, options)
}

/** What {@link createScopedPool} makes; the class is named as ORMs that test for a pool expect. */
export class ScopedPool extends EventEmitter {
  readonly #scope: OrmScope
  readonly #bootstrap: Bootstrap | null
  readonly #abandonAfter: number | undefined
  readonly #contextToConnect: boolean
  readonly #types: TypeParsers | undefined
  readonly #clients = new Set<ScopedClient>()
  #drained: (() => void) | null = null
  #ending: Promise<void> | null = null
  readonly options: { readonly max: number } = { max: Number.POSITIVE_INFINITY }
  /** Nobody waits here: callers wait for connections of the driver's pool. */
  readonly waitingCount = 0
  readonly idleCount = 0

  constructor(
    tx: OrmConnection,
    { bootstrap, abandonAfter, contextToConnect = false, types }: ScopedPoolOptions,
  ) {
    super()
    this.#scope = new OrmScope(tx)
    this.#abandonAfter = abandonAfter
    this.#contextToConnect = contextToConnect
    this.#types = types
    this.#bootstrap = bootstrap ? bootstrapQueries(bootstrap.driver, bootstrap.texts) : null
  }

  /** Clients that were taken and not released. */
  get totalCount(): number {
    return this.#clients.size
  }

  get ending(): boolean {
    return this.#ending !== null
  }

  get ended(): boolean {
    return this.#ending !== null && this.#clients.size === 0
  }

  /**
   * Runs one statement, as `pg.Pool.query` does.
   *
   * @throws as {@link ScopedClient.query}; STATEMENT_REFUSED also for transaction control, which
   * needs a client.
   */
  query<Row = Record<string, unknown>>(
    query: unknown,
    values?: unknown,
    callback?: unknown,
  ): Promise<ScopedResult<Row>> {
    const asked = { query, values, callback, ownTypes: this.#types }
    return answerQuery(asked, (statement) => this.#once(statement)) as Promise<ScopedResult<Row>>
  }

  #once(statement: Statement): Promise<ScopedResult> {
    if (this.#ending !== null) throw ended()
    if (controlOf(statement.text).kind !== 'none') throw refused('transaction control on a pool')
    // A starting ORM is answered by a client; all others need none for one statement.
    return this.#bootstrap === null
      ? executeAlone(this.#scope, statement)
      : this.#client().execute(statement)
  }

  /** Takes a client, bound to the context of its first use; release it. */
  connect(): Promise<ScopedClient>
  connect(callback: (error: unknown, client?: ScopedClient, release?: Release) => void): void
  connect(
    callback?: (error: unknown, client?: ScopedClient, release?: Release) => void,
  ): Promise<ScopedClient> | undefined {
    const taken = this.#take()
    if (callback === undefined) return taken
    taken.then(
      (client) => process.nextTick(callback, null, client, () => client.release()),
      (error: unknown) => process.nextTick(callback, error),
    )
    return undefined
  }

  async #take(): Promise<ScopedClient> {
    if (this.#ending !== null) throw ended()
    if (this.#contextToConnect) this.#scope.context(null, true)
    const client = this.#client(() => {
      this.#clients.delete(client)
      this.emit('release', null, client)
      if (this.#clients.size === 0) this.#drained?.()
    })
    this.#clients.add(client)
    this.emit('acquire', client)
    return client
  }

  #client(onRelease?: () => void): ScopedClient {
    return new ScopedClient(this.#scope, {
      ...(this.#bootstrap !== null && { bootstrap: this.#bootstrap }),
      ...(this.#abandonAfter !== undefined && { abandonAfter: this.#abandonAfter }),
      ...(this.#types !== undefined && { types: this.#types }),
      ...(onRelease !== undefined && { onRelease }),
    })
  }

  /** Waits for the clients that are out; the connections stay with the driver's pool. */
  end(callback?: Callback<void>): Promise<void> | undefined {
    this.#ending ??= new Promise((resolve) => {
      if (this.#clients.size === 0) resolve()
      else this.#drained = resolve
    })
    return deliver(this.#ending, callback ?? null)
  }
}

function ended(): WatertightError {
  return new WatertightError('TX_CLOSED', 'the pool has ended')
}
