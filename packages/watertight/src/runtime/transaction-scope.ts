import { WatertightError } from '../errors/index.js'
import type { StatementResult } from '../sql/index.js'
import { copyFrom, copyTo } from './copy-stream.js'
import type { CursorHolder } from './row-stream.js'
import { batchSizeOf, streamRows } from './row-stream.js'
import type { ServerTransaction } from './server-transaction.js'
import { statementOf, statementsOf } from './statement.js'
import type { TenantContext } from './tenant-context.js'
import type { TransactionVerbs } from './transaction.js'

/** How the function of a scope ended, once every statement it started has settled. */
export type ScopeEnd<Result> =
  | { readonly kind: 'returned'; readonly value: Result }
  /** The function threw, or a statement that it did not await failed. */
  | { readonly kind: 'threw'; readonly error: unknown }
  /** The function returned although a statement had failed. */
  | { readonly kind: 'swallowed'; readonly error: unknown }

export interface ScopeOptions {
  /** The scope that this one is a savepoint of. */
  readonly parent?: TransactionScope | null
  /** The innermost scope that a call is in. */
  readonly current?: () => TransactionScope | null
  /** Told of every statement that failed. */
  readonly onFailure?: (error: unknown) => void
}

/** The extent of one `run` function: what it started, what failed, whether it is still open. */
export class TransactionScope {
  readonly server: ServerTransaction
  /** Null for work that belongs to no tenant. */
  readonly context: TenantContext | null
  readonly parent: TransactionScope | null
  readonly #options: ScopeOptions
  readonly #pending = new Set<Promise<unknown>>()
  /** Ends what waits for a consumer that may never come back. */
  readonly #abandon = new Set<() => void>()
  #open = true
  #returned = false
  #failure: { readonly error: unknown; readonly late: boolean } | null = null
  #nested: Promise<unknown> = Promise.resolve()
  #nesting = 0

  constructor(
    server: ServerTransaction,
    context: TenantContext | null,
    options: ScopeOptions = {},
  ) {
    this.server = server
    this.context = context
    this.parent = options.parent ?? null
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** The verbs of a handle on this scope. */
  verbs(): TransactionVerbs {
    return {
      query: <Row>(text: unknown, values?: unknown) => this.query<Row>(text, values),
      batch: (items) => this.batch(items),
      stream: <Row>(text: unknown, values?: unknown, options = {}) =>
        this.stream(text, values, options) as AsyncIterable<Row>,
      copyTo: (text, values) => this.#copyTo(text, values),
      copyFrom: (text, source) =>
        this.perform(async () => copyFrom(this.server, statementOf(text), source)),
    }
  }

  query<Row>(text: unknown, values?: unknown): Promise<StatementResult<Row>> {
    return this.perform(async () => {
      const [result] = await this.server.execute([statementOf(text, values)])
      return result as StatementResult<Row>
    })
  }

  batch(items: unknown): Promise<StatementResult[]> {
    return this.perform(async () => {
      const statements = statementsOf(items)
      if (statements.length === 0) return []
      return [...(await this.server.execute(statements))] as StatementResult[]
    })
  }

  async *stream(text: unknown, values: unknown, options: object): AsyncGenerator {
    const statement = statementOf(text, values)
    const { riders } = this.server
    const holder: CursorHolder = {
      newCursor: () => riders.newCursor(),
      // A cursor that outlived its scope is gone already.
      close: (cursor) => (this.#open ? riders.close(cursor) : undefined),
      execute: (statements) => this.perform(() => this.server.execute(statements)),
    }
    yield* streamRows(holder, statement, batchSizeOf(options))
  }

  async *#copyTo(text: unknown, values: unknown): AsyncGenerator<Uint8Array> {
    const statement = statementOf(text, values)
    yield* copyTo(this.server, statement, (task, stop) => {
      this.#abandon.add(stop)
      return this.perform(task).finally(() => this.#abandon.delete(stop))
    })
  }

  /** INVARIANT: every statement is known to the scope, so none can outlive it unnoticed. */
  perform<Result>(task: () => Promise<Result>): Promise<Result> {
    const inner = this.#innerOfCaller()
    if (inner !== null) return inner.perform(task)
    if (!this.#open) return Promise.reject(closed())
    // A statement beside a nested run would be undone with it: it waits for its end.
    const result = this.#nesting === 0 ? task() : this.#nested.then(task)
    this.#track(result, (error) => {
      this.#options.onFailure?.(error)
      this.#failure ??= { error, late: this.#returned }
    })
    return result
  }

  /** Runs nested scopes one after the other: savepoints of one connection cannot interleave. */
  nest<Result>(task: () => Promise<Result>): Promise<Result> {
    if (!this.#open) return Promise.reject(closed())
    this.#nesting += 1
    const turn = this.#nested.then(task).finally(() => (this.#nesting -= 1))
    this.#nested = turn.catch(() => undefined)
    const result = turn.then((value) => value)
    this.#track(turn, (cause) => {
      if (!this.#returned) return
      this.#failure ??= { error: cause, late: true }
      result.catch(() => undefined)
    })
    return result
  }

  /** The open nested run that the call is made from, if it is: what it does is part of that run. */
  #innerOfCaller(): TransactionScope | null {
    let scope = this.#options.current?.() ?? null
    while (scope !== null && scope !== this && !scope.isOpen) scope = scope.parent
    for (let outer = scope?.parent; outer != null; outer = outer.parent) {
      if (outer === this) return scope
    }
    return null
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
  async settle<Result>(fn: () => Result | PromiseLike<Result>): Promise<ScopeEnd<Result>> {
    let end: ScopeEnd<Result>
    try {
      end = { kind: 'returned', value: await fn() }
    } catch (error) {
      end = { kind: 'threw', error }
    }
    this.#returned = true
    for (const abandon of this.#abandon) abandon()
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
