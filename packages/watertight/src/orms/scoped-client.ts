import { AsyncResource } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { WatertightError } from '../errors/index.js'
import { currentContext } from '../runtime/index.js'
import type { Statement, TenantContext, TxManager } from '../runtime/index.js'
import { ident, sql } from '../sql/index.js'
import type { StatementResult } from '../sql/index.js'
import { boundContext } from './bound-context.js'
import type { Bootstrap } from './bootstrap.js'
import { runBootstrap } from './bootstrap.js'
import { driverErrorOf } from './driver-errors.js'
import type { OpenTransaction } from './open-transaction.js'
import { openTransaction } from './open-transaction.js'
import type { Callback, ScopedResult } from './query-arguments.js'
import { deliver, parseQueryArguments } from './query-arguments.js'
import type { StatementControl, TransactionModes } from './statement-control.js'
import { controlOf, refused } from './statement-control.js'

export interface ScopedClientOptions {
  /** Statements that may run without a context, while an ORM starts. */
  readonly bootstrap?: Bootstrap
  /** Milliseconds; as for `openTransaction`. */
  readonly abandonAfter?: number
  readonly onRelease?: () => void
}

/** A transaction that the client has begun: opened with its first statement. */
interface Begun {
  /** Where BEGIN was called, so that it joins the `run` around that call. */
  readonly place: AsyncResource
  modes: TransactionModes
  opened: OpenTransaction | null
  readonly savepoints: Set<string>
}

/**
 * A look-alike of `pg.Client` without a connection of its own: each statement runs through the
 * `TxManager` under the ambient context. BEGIN, COMMIT, ROLLBACK and savepoints become those of
 * the scope, whether called or sent as text; what would change the session is refused.
 *
 * INVARIANT: the context of its first use is the only one it serves.
 */
export class ScopedClient extends EventEmitter {
  readonly #tx: TxManager
  readonly #options: ScopedClientOptions
  #context: TenantContext | null
  #begun: Begun | null = null
  #released = false
  /** The end of the last statement outside of a transaction; null when none runs. */
  #last: Promise<unknown> | null = null

  constructor(tx: TxManager, options: ScopedClientOptions = {}) {
    super()
    this.#tx = tx
    this.#options = options
    this.#context = boundContext(null)
  }

  /** True between BEGIN and COMMIT or ROLLBACK. */
  get inTransaction(): boolean {
    return this.#begun !== null
  }

  /**
   * Runs a statement as `pg.Client.query` does: text or config, values, callback or promise.
   *
   * @throws CONTEXT_REQUIRED, CONTEXT_MISMATCH, STATEMENT_REFUSED, TX_CLOSED before anything is
   * sent; errors of the server as the driver's own (see `tenancyErrorOf`).
   */
  query<Row = Record<string, unknown>>(
    query: unknown,
    values?: unknown,
    callback?: unknown,
  ): Promise<ScopedResult<Row>> {
    const { statement, callback: done } = parseQueryArguments(query, values, callback)
    const outcome = this.#guarded(() => this.#route(statement))
    return deliver(outcome, done) as Promise<ScopedResult<Row>>
  }

  /** Runs one ordinary statement without looking for a callback. */
  execute(statement: Statement): Promise<ScopedResult> {
    return this.#guarded(() => this.#route(statement))
  }

  /**
   * Reads the rows of one statement as they come, `batchSize` of them at a time.
   *
   * @throws as {@link ScopedClient.query}, from the first row on.
   */
  async *stream(
    text: string,
    values: readonly unknown[],
    batchSize: number,
  ): AsyncGenerator<unknown, void, undefined> {
    if (controlOf(text).kind !== 'none') throw refused('transaction control in a stream')
    const context = this.requireContext()
    const begun = this.#begun
    try {
      yield* begun === null
        ? this.#tx.stream(context, text, values, { batchSize })
        : this.#opened(begun).stream(text, values, { batchSize })
    } catch (error) {
      throw driverErrorOf(error)
    }
  }

  /** There is nothing to connect: the connection is taken with the first statement. */
  connect(callback?: Callback<void>): Promise<void> | undefined {
    return deliver(Promise.resolve(), callback ?? null)
  }

  /** Begins a transaction; nothing is sent before its first statement. */
  begin(modes: TransactionModes = {}): Promise<ScopedResult> {
    return this.#guarded(() => this.#control({ kind: 'begin', modes }))
  }

  /** @throws TX_ABORTED when a statement had failed. */
  commit(): Promise<ScopedResult> {
    return this.#guarded(() => this.#control({ kind: 'commit' }))
  }

  rollback(): Promise<ScopedResult> {
    return this.#guarded(() => this.#control({ kind: 'rollback' }))
  }

  savepoint(kind: 'savepoint' | 'release' | 'rollback-to', name: string): Promise<ScopedResult> {
    return this.#guarded(() => this.#control({ kind, name }))
  }

  /** The context under which the client works now. @throws CONTEXT_REQUIRED, CONTEXT_MISMATCH */
  requireContext(): TenantContext {
    if (this.#released) throw released()
    this.#context = boundContext(this.#context, true)
    return this.#context
  }

  /** Ends the client; a transaction that is open is rolled back. */
  release(): void {
    if (this.#released) {
      throw new Error('Release called on client which has already been released to the pool.')
    }
    void this.#close()
  }

  /** Ends a client that no pool gave out. */
  end(callback?: Callback<void>): Promise<void> | undefined {
    return deliver(this.#close(), callback ?? null)
  }

  async #close(): Promise<void> {
    if (this.#released) return
    this.#released = true
    const begun = this.#begun
    this.#begun = null
    try {
      await begun?.opened?.rollback()
    } finally {
      this.#options.onRelease?.()
      this.emit('end')
    }
  }

  #guarded(task: () => Promise<ScopedResult>): Promise<ScopedResult> {
    try {
      return task().catch(throwDriverError)
    } catch (error) {
      return Promise.resolve().then(() => throwDriverError(error))
    }
  }

  #route(statement: Statement): Promise<ScopedResult> {
    if (this.#released) throw released()
    const { bootstrap } = this.#options
    if (bootstrap !== undefined && this.#begun === null && bootstrap.serves(statement)) {
      if (boundContext(this.#context) === null) return runBootstrap(bootstrap, statement)
    }
    const control = controlOf(statement.text)
    return control.kind === 'none' && this.#begun === null
      ? this.#alone(this.requireContext(), statement)
      : this.#control(control, statement)
  }

  async #control(control: StatementControl, statement: Statement = nothing): Promise<ScopedResult> {
    const begun = this.#begun
    if (control.kind === 'rollback') return this.#rollback()
    const context = this.requireContext()
    switch (control.kind) {
      case 'begin':
        if (begun !== null) throw refused('BEGIN inside a transaction')
        this.#begun = {
          place: new AsyncResource('watertight.transaction'),
          modes: control.modes,
          opened: null,
          savepoints: new Set(),
        }
        return answer('BEGIN')
      case 'commit':
        return this.#commit()
      case 'set-transaction':
        if (begun === null || begun.opened !== null) throw refused('SET TRANSACTION so late')
        begun.modes = { ...begun.modes, ...control.modes }
        return answer('SET')
      case 'savepoint':
      case 'release':
      case 'rollback-to':
        return this.#savepoint(control.kind, control.name)
      case 'transaction-local':
        if (begun === null) throw refused('a setting of the transaction outside of one')
        return this.#ordinary(begun, statement)
      case 'none':
        return begun === null ? this.#alone(context, statement) : this.#ordinary(begun, statement)
    }
  }

  async #ordinary(begun: Begun, statement: Statement): Promise<ScopedResult> {
    return scoped(await this.#opened(begun).query(statement))
  }

  /** One after the other, as on a connection. */
  #alone(context: TenantContext, statement: Statement): Promise<ScopedResult> {
    return this.#next(() => this.#tx.query(context, statement).then(scoped))
  }

  #next<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = this.#last === null ? task() : this.#last.then(task)
    const ended = (): void => {
      if (this.#last === last) this.#last = null
    }
    const last = turn.then(ended, ended)
    this.#last = last
    return turn
  }

  #opened(begun: Begun): OpenTransaction {
    const context = this.requireContext()
    const { abandonAfter } = this.#options
    begun.opened ??= begun.place.runInAsyncScope(() => {
      // Where BEGIN was called inside a `run`, it is a savepoint there, or nothing.
      currentContext()
      return openTransaction(this.#tx, context, {
        ...begun.modes,
        ...(abandonAfter !== undefined && { abandonAfter }),
      })
    })
    return begun.opened
  }

  async #commit(): Promise<ScopedResult> {
    const begun = this.#begun
    this.#begun = null
    if (begun?.opened != null) {
      const { opened } = begun
      await this.#next(() => opened.commit())
    }
    return answer('COMMIT')
  }

  async #rollback(): Promise<ScopedResult> {
    const begun = this.#begun
    this.#begun = null
    if (begun?.opened != null) {
      const { opened } = begun
      await this.#next(() => opened.rollback())
    }
    return answer('ROLLBACK')
  }

  /** INVARIANT: only savepoints of this transaction; those of `run` have names of their own. */
  async #savepoint(
    kind: 'savepoint' | 'release' | 'rollback-to',
    name: string,
  ): Promise<ScopedResult> {
    const begun = this.#begun
    if (begun === null || name.startsWith('watertight_')) throw refused('this SAVEPOINT')
    if (kind === 'savepoint') begun.savepoints.add(name)
    else if (!begun.savepoints.has(name)) throw refused('an unknown SAVEPOINT')
    const text = {
      savepoint: sql`savepoint ${ident(name)}`,
      release: sql`release savepoint ${ident(name)}`,
      'rollback-to': sql`rollback to savepoint ${ident(name)}`,
    }[kind].text
    return scoped(await this.#opened(begun).query(text))
  }
}

function throwDriverError(error: unknown): never {
  throw driverErrorOf(error)
}

const nothing: Statement = { text: '', values: [] }

function released(): WatertightError {
  return new WatertightError('TX_CLOSED', 'the client was released', {
    hint: 'Take another client from the pool.',
  })
}

function answer(command: string): ScopedResult {
  return { rows: [], rowCount: null, command, fields: [], oid: null }
}

/** A result in the shape of `pg.Result`. */
function scoped({ rows, rowCount, command, fields }: StatementResult): ScopedResult {
  const own = (fields ?? []) as ScopedResult['fields']
  return { rows, rowCount, command: command ?? '', fields: own, oid: null }
}
