import { AsyncResource } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { WatertightError } from '../errors/index.js'
import { ambientContext } from '../runtime/ambient-context.js'
import { hasCursor } from '../runtime/cursor-statement.js'
import type { Statement, TenantContext, TypeParsers } from '../runtime/index.js'
import { ident, sql } from '../sql/index.js'
import type { StatementResult } from '../sql/index.js'
import type { Bootstrap } from './bootstrap.js'
import { runBootstrap } from './bootstrap.js'
import { driverErrorOf } from './driver-errors.js'
import type { OpenTransaction } from './open-transaction.js'
import { openTransaction } from './open-transaction.js'
import type { OrmScope } from './orm-scope.js'
import type { Callback, ScopedResult } from './query-arguments.js'
import { answerQuery, deliver } from './query-arguments.js'
import type { OpenRows } from './scoped-cursor.js'
import { cursorOf, leadCursor } from './scoped-cursor.js'
import type { StatementControl, TransactionModes } from './statement-control.js'
import { controlOf, refused } from './statement-control.js'

export interface ScopedClientOptions {
  /** Statements that may run without a context, while an ORM starts. */
  readonly bootstrap?: Bootstrap
  /** Milliseconds; as for `openTransaction`. */
  readonly abandonAfter?: number
  /** Parsers for what {@link ScopedClient.query} reads; those of the driver by default. */
  readonly types?: TypeParsers
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
  readonly #scope: OrmScope
  readonly #options: ScopedClientOptions
  #context: TenantContext | null
  #begun: Begun | null = null
  #released = false
  /** Settles with the end of what was under way when the client was released. */
  #closing: Promise<void> = Promise.resolve()
  /** The last statement outside of a transaction, or the end of one; null when none runs. */
  #last: Promise<unknown> | null = null

  constructor(scope: OrmScope, options: ScopedClientOptions = {}) {
    super()
    this.#scope = scope
    this.#options = options
    this.#context = scope.context(null)
  }

  /** True between BEGIN and COMMIT or ROLLBACK. */
  get inTransaction(): boolean {
    return this.#begun !== null
  }

  /**
   * Runs a statement as `pg.Client.query` does: text or config, values, callback or promise. A cursor
   * of `pg-cursor` or a `pg-query-stream` is handed back, and reads through the scope.
   *
   * @throws CONTEXT_REQUIRED, CONTEXT_MISMATCH, STATEMENT_REFUSED, TX_CLOSED before anything is
   * sent; errors of the server as the driver's own (see `tenancyErrorOf`).
   */
  query<Row = Record<string, unknown>>(
    query: unknown,
    values?: unknown,
    callback?: unknown,
  ): Promise<ScopedResult<Row>> {
    const cursor = cursorOf(query)
    if (cursor !== null) {
      const open: OpenRows = (statement, batchSize) => this.#rows(statement, batchSize)
      leadCursor(cursor, open, this.#options.types)
      return query as Promise<ScopedResult<Row>>
    }
    const asked = { query, values, callback, ownTypes: this.#options.types }
    return answerQuery(asked, (statement) => this.execute(statement)) as Promise<ScopedResult<Row>>
  }

  /** Runs one ordinary statement without looking for a callback. */
  execute(statement: Statement): Promise<ScopedResult> {
    try {
      return this.#route(statement)
    } catch (error) {
      return Promise.resolve().then(() => throwDriverError(error))
    }
  }

  /**
   * Reads the rows of one statement as they come, `batchSize` of them at a time; those of one that
   * writes (`insert ... returning`) or is no query (`explain`) come whole, for it has no cursor.
   *
   * @throws as {@link ScopedClient.query}, from the first row on.
   */
  stream(
    text: string,
    values: readonly unknown[],
    batchSize: number,
  ): AsyncGenerator<unknown, void, undefined> {
    return this.#rows({ text, values }, batchSize)
  }

  async *#rows(statement: Statement, batchSize: number): AsyncGenerator<unknown, void, undefined> {
    const { text } = statement
    if (controlOf(text).kind !== 'none') throw refused('transaction control in a stream')
    const context = this.requireContext()
    if (!hasCursor(text)) {
      yield* (await this.execute(statement)).rows
      return
    }
    const begun = this.#begun
    try {
      yield* begun === null
        ? this.#scope.tx.stream(context, statement, undefined, { batchSize })
        : this.#opened(begun).stream(statement, { batchSize })
    } catch (error) {
      throw driverErrorOf(error)
    }
  }

  /** There is nothing to connect: the connection is taken with the first statement. */
  connect(callback?: Callback<this>): Promise<this> | undefined {
    return deliver(Promise.resolve(this), callback ?? null)
  }

  /** Begins a transaction; nothing is sent before its first statement. */
  begin(modes: TransactionModes = {}): Promise<ScopedResult> {
    return this.#control({ kind: 'begin', modes }).catch(throwDriverError)
  }

  /** @throws TX_ABORTED when a statement had failed. */
  commit(): Promise<ScopedResult> {
    return this.#control({ kind: 'commit' }).catch(throwDriverError)
  }

  rollback(): Promise<ScopedResult> {
    return this.#control({ kind: 'rollback' }).catch(throwDriverError)
  }

  savepoint(kind: 'savepoint' | 'release' | 'rollback-to', name: string): Promise<ScopedResult> {
    return this.#control({ kind, name }).catch(throwDriverError)
  }

  /** The context under which the client works now. @throws CONTEXT_REQUIRED, CONTEXT_MISMATCH */
  requireContext(): TenantContext {
    if (this.#released) throw released()
    this.#context = this.#scope.context(this.#context, true)
    return this.#context
  }

  /** Ends the client; a transaction that is open is rolled back. */
  release(): void {
    if (this.#released) {
      throw new Error('Release called on client which has already been released to the pool.')
    }
    void this.close()
  }

  /** Ends a client that no pool gave out. */
  end(callback?: Callback<void>): Promise<void> | undefined {
    return deliver(this.close(), callback ?? null)
  }

  /** As `end`, but always for a promise: until what was sent before has its answer. */
  close(): Promise<void> {
    if (this.#released) return this.#closing
    this.#released = true
    const opened = this.#begun?.opened ?? null
    this.#begun = null
    const closed = (): void => {
      this.#options.onRelease?.()
      this.emit('end')
    }
    if (opened === null && this.#last === null) closed()
    else this.#closing = Promise.allSettled([this.#last, opened?.rollback()]).then(closed)
    return this.#closing
  }

  #route(statement: Statement): Promise<ScopedResult> {
    if (this.#released) throw released()
    const { bootstrap } = this.#options
    if (bootstrap !== undefined && this.#begun === null && bootstrap.serves(statement)) {
      if (this.#scope.context(this.#context) === null) {
        return runBootstrap(bootstrap, statement).catch(throwDriverError)
      }
    }
    const control = controlOf(statement.text)
    if (control.kind !== 'none') return this.#control(control, statement).catch(throwDriverError)
    const begun = this.#begun
    if (begun === null) return this.#alone(this.requireContext(), statement)
    return this.#opened(begun).query(statement).then(scoped, throwDriverError)
  }

  async #control(
    control: Exclude<StatementControl, { kind: 'none' }>,
    statement: Statement = nothing,
  ): Promise<ScopedResult> {
    const begun = this.#begun
    if (control.kind === 'rollback') return this.#rollback()
    this.requireContext()
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
        return scoped(await this.#opened(begun).query(statement))
    }
  }

  /** One after the other, as on a connection; with no promise more than that takes. */
  #alone(context: TenantContext, statement: Statement): Promise<ScopedResult> {
    const ask = (): Promise<StatementResult> => this.#scope.tx.query(context, statement)
    const outcome: Promise<ScopedResult> = this.#turn(ask).then(
      (result) => {
        this.#ended(outcome)
        return scoped(result)
      },
      (error: unknown) => {
        this.#ended(outcome)
        return throwDriverError(error)
      },
    )
    this.#last = outcome
    return outcome
  }

  /** Ends a transaction after what was sent before, and before what is sent later. */
  #next(task: () => Promise<void>): Promise<void> {
    const outcome: Promise<void> = this.#turn(task).finally(() => this.#ended(outcome))
    this.#last = outcome
    return outcome
  }

  #turn<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#last === null ? task() : this.#last.then(task, task)
  }

  #ended(outcome: Promise<unknown>): void {
    if (this.#last === outcome) this.#last = null
  }

  #opened(begun: Begun): OpenTransaction {
    const context = this.requireContext()
    const { abandonAfter } = this.#options
    begun.opened ??= begun.place.runInAsyncScope(() => {
      // Where BEGIN was called inside a `run`, it is a savepoint there, or nothing.
      ambientContext()
      return openTransaction(this.#scope.tx, context, {
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

/**
 * Runs one ordinary statement without a client.
 *
 * @throws as {@link ScopedClient.query}; what stands against it before it is sent, at once.
 */
export function executeAlone(scope: OrmScope, statement: Statement): Promise<ScopedResult> {
  return scope.tx.query(scope.context(null, true), statement).then(scoped, throwDriverError)
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
  const oid = command === 'INSERT' ? 0 : null
  return { rows, rowCount, command: command || null, fields: own, oid }
}
