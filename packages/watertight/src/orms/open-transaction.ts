import { WatertightError } from '../errors/index.js'
import type {
  Statement,
  StreamOptions,
  TenantContext,
  Transaction,
  TxManager,
} from '../runtime/index.js'
import type { StatementResult } from '../sql/index.js'
import { deferred } from './deferred.js'
import type { TransactionModes } from './statement-control.js'

/** What a transaction opened call by call can be given. */
export interface OpenTransactionOptions extends TransactionModes {
  /**
   * Milliseconds without a statement after which the transaction is rolled back, so that a handle
   * that somebody forgot does not keep its connection; 60 000 by default.
   */
  readonly abandonAfter?: number
}

/** BEGIN, statements and COMMIT as separate calls, for clients that cannot take a callback. */
export interface OpenTransaction {
  readonly context: TenantContext
  /** @throws as {@link Transaction.query}; TX_CLOSED after the end. */
  query<Row = Record<string, unknown>>(
    text: string | Statement,
    values?: readonly unknown[],
  ): Promise<StatementResult<Row>>
  /** @throws as {@link Transaction.stream}; the transaction is in use until the stream ends. */
  stream(statement: Statement, options: StreamOptions): AsyncGenerator<unknown, void, undefined>
  /** @throws TX_ABORTED when a statement had failed, OUTCOME_UNKNOWN, TX_CLOSED after the end. */
  commit(): Promise<void>
  /** Never rejects: what cannot be rolled back is closed with its connection. */
  rollback(): Promise<void>
}

const defaultAbandonAfter = 60_000

/** Rejects the function of `run`, so that it rolls back; nobody else sees it. */
class RolledBack extends Error {
  override readonly name = 'RolledBack'
}

/**
 * Opens a transaction that later calls commit or roll back, on top of `run`: the context, the lazy
 * BEGIN, savepoints and errors are those of `run`, and inside another `run` it is a savepoint.
 *
 * INVARIANT: it always ends. What is neither committed nor rolled back is rolled back when no
 * statement came for `abandonAfter` milliseconds; the surrounding `run` waits for that.
 *
 * @throws as {@link TxManager.run}, from the first statement on.
 *
 * @example
 * ```ts
 * const transaction = openTransaction(tx, context)
 * await transaction.query('update items set stock = stock - 1 where id = $1', [id])
 * await transaction.commit()
 * ```
 */
export function openTransaction(
  tx: Pick<TxManager, 'run'>,
  context: TenantContext,
  options: OpenTransactionOptions = {},
): OpenTransaction {
  return new RunningTransaction(tx, context, options)
}

class RunningTransaction implements OpenTransaction {
  readonly context: TenantContext
  readonly #handle = deferred<Transaction>()
  /** The same once it is there: at once, except where it has to wait for its turn. */
  #transaction: Transaction | null = null
  readonly #end = deferred<void>()
  readonly #run: Promise<void>
  readonly #timer: NodeJS.Timeout
  #busy = 0
  #closed: string | null = null

  constructor(
    tx: Pick<TxManager, 'run'>,
    context: TenantContext,
    { abandonAfter = defaultAbandonAfter, ...options }: OpenTransactionOptions,
  ) {
    this.context = context
    this.#run = tx.run(
      context,
      (handle) => {
        this.#transaction = handle
        this.#handle.resolve(handle)
        return this.#end.promise
      },
      // INVARIANT: the statements came from outside; a second attempt would commit without them.
      { ...options, retry: false },
    )
    this.#run.catch((error: unknown) => this.#handle.reject(error))
    this.#timer = setTimeout(() => this.#onIdle(), abandonAfter)
    this.#timer.unref()
  }

  query<Row = Record<string, unknown>>(
    text: string | Statement,
    values?: readonly unknown[],
  ): Promise<StatementResult<Row>> {
    return this.#use((handle) => handle.query<Row>(text, values))
  }

  async *stream(
    statement: Statement,
    options: StreamOptions,
  ): AsyncGenerator<unknown, void, undefined> {
    this.#enter()
    try {
      const handle = await this.#handle.promise
      yield* handle.stream(statement, undefined, options)
    } finally {
      this.#leave()
    }
  }

  #use<Result>(task: (tx: Transaction) => Promise<Result>): Promise<Result> {
    if (this.#closed !== null) return Promise.reject(this.#ended(this.#closed))
    this.#busy += 1
    const used =
      this.#transaction === null ? this.#handle.promise.then(task) : task(this.#transaction)
    return used.then(
      (result) => {
        this.#leave()
        return result
      },
      (error: unknown) => {
        this.#leave()
        throw error
      },
    )
  }

  #enter(): void {
    this.#requireOpen()
    this.#busy += 1
  }

  #leave(): void {
    this.#busy -= 1
    if (this.#closed === null) this.#timer.refresh()
  }

  async commit(): Promise<void> {
    this.#requireOpen()
    this.#close('the transaction has ended')
    // After the statements before it: their tasks wait for the handle as well.
    await this.#handle.promise
    this.#end.resolve()
    await this.#run
  }

  async rollback(): Promise<void> {
    if (this.#closed === null) this.#close('the transaction has ended')
    this.#end.reject(new RolledBack())
    // The error of the statement that failed was thrown by that statement.
    await this.#run.catch(() => undefined)
  }

  #requireOpen(): void {
    if (this.#closed !== null) throw this.#ended(this.#closed)
  }

  #ended(why: string): WatertightError {
    return new WatertightError('TX_CLOSED', why)
  }

  #close(why: string): void {
    this.#closed = why
    clearTimeout(this.#timer)
  }

  #onIdle(): void {
    if (this.#busy > 0) {
      this.#timer.refresh()
      return
    }
    this.#close('the transaction was left without a statement for too long and rolled back')
    this.#end.reject(new RolledBack())
  }
}
