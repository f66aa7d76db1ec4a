import { WatertightError } from '../errors/index.js'
import type { Queryable, StatementResult } from '../sql/index.js'
import type { Statement } from './driver.js'
import type { ServerTransaction } from './server-transaction.js'
import type { TenantContext } from './tenant-context.js'

/**
 * The handle that `run` passes to its function. It dies with its transaction or savepoint.
 */
export interface Transaction extends Queryable {
  readonly context: TenantContext
  /**
   * Runs one statement in the transaction; one round trip.
   *
   * @throws ACCESS_DENIED, STATEMENT_FAILED, CONNECTION_FAILED; TX_CLOSED after the transaction.
   */
  query<Row = Record<string, unknown>>(
    text: string | Statement,
    values?: readonly unknown[],
  ): Promise<StatementResult<Row>>
}

/** How the function of a scope ended, once every statement it started has settled. */
export type ScopeEnd<Result> =
  | { readonly kind: 'returned'; readonly value: Result }
  /** The function threw, or a statement that it did not await failed. */
  | { readonly kind: 'threw'; readonly error: unknown }
  /** The function returned although a statement had failed. */
  | { readonly kind: 'swallowed'; readonly error: unknown }

/** The extent of one `run` function: what it started, what failed, whether it is still open. */
export class TransactionScope {
  readonly server: ServerTransaction
  readonly context: TenantContext
  readonly handle: Transaction
  readonly #onFailure: (error: unknown) => void
  readonly #pending = new Set<Promise<unknown>>()
  #open = true
  #returned = false
  #failure: { readonly error: unknown; readonly late: boolean } | null = null
  #nested: Promise<unknown> = Promise.resolve()

  constructor(
    server: ServerTransaction,
    context: TenantContext,
    onFailure: (error: unknown) => void,
  ) {
    this.server = server
    this.context = context
    this.#onFailure = onFailure
    this.handle = Object.freeze({
      context,
      query: <Row>(text: string | Statement, values?: readonly unknown[]) =>
        this.query<Row>(text, values),
    })
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** INVARIANT: every statement is known to the scope, so none can outlive it unnoticed. */
  query<Row>(text: string | Statement, values?: readonly unknown[]): Promise<StatementResult<Row>> {
    if (!this.#open) return Promise.reject(closed())
    const result = this.#execute(text, values)
    this.#track(result, (error) => {
      this.#onFailure(error)
      this.#failure ??= { error, late: this.#returned }
    })
    return result as Promise<StatementResult<Row>>
  }

  async #execute(text: string | Statement, values?: readonly unknown[]): Promise<unknown> {
    return this.server.execute(statementOf(text, values))
  }

  /** Runs nested scopes one after the other: savepoints of one connection cannot interleave. */
  nest<Result>(task: () => Promise<Result>): Promise<Result> {
    if (!this.#open) return Promise.reject(closed())
    const turn = this.#nested.then(task)
    this.#nested = turn.catch(() => undefined)
    const result = turn.then((value) => value)
    this.#track(turn, (cause) => {
      if (!this.#returned) return
      this.#failure ??= { error: cause, late: true }
      result.catch(() => undefined)
    })
    return result
  }

  #track(promise: Promise<unknown>, onRejected: (error: unknown) => void): void {
    this.#pending.add(promise)
    promise.then(
      () => this.#pending.delete(promise),
      (error: unknown) => {
        this.#pending.delete(promise)
        onRejected(error)
      },
    )
  }

  /** Calls `fn`, settles a thenable it returns and every statement it left running, and closes. */
  async settle<Result>(
    fn: (handle: Transaction) => Result | PromiseLike<Result>,
  ): Promise<ScopeEnd<Result>> {
    let end: ScopeEnd<Result>
    try {
      end = { kind: 'returned', value: await fn(this.handle) }
    } catch (error) {
      end = { kind: 'threw', error }
    }
    this.#returned = true
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
    this.#open = false
    if (end.kind === 'threw' || this.#failure === null) return end
    const { error, late } = this.#failure
    // The server is past the failure: the function has rolled back to a savepoint of its own.
    if (!late && isServerError(error) && this.server.status === 'open') return end
    return { kind: late ? 'threw' : 'swallowed', error }
  }
}

function isServerError(error: unknown): boolean {
  return error instanceof WatertightError && error.sqlState !== undefined
}

function closed(): WatertightError {
  return new WatertightError('TX_CLOSED', 'the transaction of this handle has ended', {
    hint: 'Use the handle inside the function it was passed to, and await every statement there.',
  })
}

/**
 * A statement from a text and its values, or from an object that holds both.
 *
 * @throws INVALID_INPUT for anything but a text and an array of values.
 */
export function statementOf(given: unknown, values?: unknown): Statement {
  const isObject = typeof given === 'object' && given !== null
  const statement = (isObject ? given : { text: given }) as Partial<Statement>
  const bound: unknown = values ?? statement.values ?? []
  if (typeof statement.text !== 'string' || !Array.isArray(bound)) {
    throw new WatertightError('INVALID_INPUT', 'a statement is a text and an array of values')
  }
  return { ...statement, text: statement.text, values: [...(bound as unknown[])] }
}
