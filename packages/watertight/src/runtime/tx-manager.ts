import { AsyncLocalStorage } from 'node:async_hooks'
import { WatertightError } from '../errors/index.js'
import type { ContextSource } from '../model/index.js'
import type { StatementResult } from '../sql/index.js'
import { requireContext, withContext, withoutContext } from './ambient-context.js'
import type { RunOptions } from './begin-statement.js'
import { beginStatement } from './begin-statement.js'
import type { ContextStatement, SigningKeySource } from './context-statement.js'
import { contextStatement } from './context-statement.js'
import { lostError, statementError, unknownOutcome } from './driver-error.js'
import type { Session, Statement } from './driver.js'
import { isTenantContext } from './parse-tenant-context.js'
import type { RolePools } from './role-pools.js'
import { CheckedPools } from './role-pools.js'
import { ServerTransaction } from './server-transaction.js'
import type { TenantContext } from './tenant-context.js'
import { isSameContext } from './tenant-context.js'
import type { ScopeEnd, Transaction } from './transaction-scope.js'
import { TransactionScope, statementOf } from './transaction-scope.js'
import type { Denial } from './tx-observer.js'

export interface TxManagerOptions {
  readonly pools: RolePools
  /** How contexts reach the database: `context` of the model. Signed by default. */
  readonly context?: ContextSource
  /** The key that signs contexts, or a function that returns the current one. */
  readonly signingKey?: SigningKeySource
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
  /** Told of every ACCESS_DENIED, after it was thrown. */
  readonly onDenied?: (denial: Denial) => void
}

/** The only entry point to the database: nothing runs without a tenant context. */
export interface TxManager {
  /** Runs the boot check on every pool now, rather than before its first statement. */
  start(): Promise<void>
  /**
   * Runs one statement under a context, in a transaction of its own, in ONE round trip: context
   * and statement go under one Sync, which makes them one implicit transaction. Several commands
   * in one text are refused by the server. Inside `run` it joins that transaction.
   *
   * @throws CONTEXT_REQUIRED, INVALID_CONTEXT, CONTEXT_EXPIRED, ROLE_NOT_CONFIGURED, UNSAFE_ROLE
   * before any statement of yours; ACCESS_DENIED, STATEMENT_FAILED; CONNECTION_FAILED,
   * AUTHENTICATION_FAILED; OUTCOME_UNKNOWN when the connection breaks where a write may have been
   * committed; CONTEXT_MISMATCH inside a `run` with another context.
   *
   * @example
   * ```ts
   * await tx.query(context, 'select * from invoices where id = $1', [id])
   * // Parse/Bind/Execute  select set_config('watertight.context', $1, true)   <- the token
   * // Parse/Bind/Execute  select * from invoices where id = $1                <- id
   * // Sync
   * ```
   */
  query<Row = Record<string, unknown>>(
    context: TenantContext,
    text: string | Statement,
    values?: readonly unknown[],
  ): Promise<StatementResult<Row>>
  /**
   * Runs `fn` in one transaction under a context; N statements that wait for each other cost N + 1
   * round trips. Commits when `fn` returns, rolls back when it throws or a statement failed.
   * Statements that `fn` left running are awaited first. Inside another `run` with the same rights
   * it is a savepoint; side-by-side nested runs take turns.
   *
   * @throws as {@link TxManager.query}, and TX_ABORTED when `fn` returned although a statement had
   * failed.
   *
   * @example
   * ```ts
   * await tx.run(context, async (tx) => {
   *   const { rows } = await tx.query('select stock from items where id = $1 for update', [id])
   *   await tx.query('update items set stock = stock - 1 where id = $1', [id])
   * })
   * // begin; select set_config('watertight.context', $1, true); select stock ...   Sync
   * // update items ...                                                             Sync
   * // commit                                                                       Sync
   * ```
   */
  run<Result>(
    context: TenantContext,
    fn: (tx: Transaction) => Result | PromiseLike<Result>,
    options?: RunOptions,
  ): Promise<Awaited<Result>>
}

/**
 * Makes the transaction manager of a process.
 *
 * @throws INVALID_SIGNING_KEY when contexts are signed and the key is missing or malformed.
 *
 * @example
 * ```ts
 * const tx = createTxManager({
 *   pools: { app: pgDriver(appPool), public: pgDriver(publicPool) },
 *   signingKey: parseSigningKey(process.env.WATERTIGHT_SIGNING_KEY),
 * })
 * await tx.start()
 * ```
 */
export function createTxManager(options: TxManagerOptions): TxManager {
  return new PooledTxManager(options)
}

class PooledTxManager implements TxManager {
  readonly #pools: CheckedPools
  readonly #contextStatement: ContextStatement
  readonly #now: () => number
  readonly #onDenied: ((denial: Denial) => void) | undefined
  readonly #scopes = new AsyncLocalStorage<TransactionScope | null>()

  constructor(options: TxManagerOptions) {
    this.#pools = new CheckedPools(options.pools)
    const source = options.context ?? { kind: 'signed' }
    this.#contextStatement = contextStatement(source, options.signingKey)
    this.#now = options.now ?? Date.now
    this.#onDenied = options.onDenied
  }

  async start(): Promise<void> {
    await this.#outside(() => this.#pools.start())
  }

  // INVARIANT: neither `query` nor `run` is an async function: inside a transaction they return the
  // promise that its scope tracks, so that a forgotten one is reported by the scope alone.
  query<Row = Record<string, unknown>>(
    context: TenantContext,
    text: string | Statement,
    values?: readonly unknown[],
  ): Promise<StatementResult<Row>> {
    const outer = this.#joinable(context)
    if (outer !== null) return outer.query<Row>(text, values)
    return this.#queryAlone(context, text, values) as Promise<StatementResult<Row>>
  }

  async #queryAlone(
    context: TenantContext,
    text: string | Statement,
    values?: readonly unknown[],
  ): Promise<unknown> {
    this.#admit(context)
    const statement = statementOf(text, values)
    const session = await this.#acquire(context)
    // INVARIANT: a connection that is not known to be idle is never used by another transaction.
    let idle = true
    try {
      const statements = [this.#claim(context), statement]
      idle = false
      const flight = await session.flight(statements)
      idle = flight.kind === 'landed' && flight.status === 'idle'
      if (flight.kind === 'lost') {
        // The implicit transaction commits at the Sync, after the last statement has completed.
        throw flight.sent && !flight.refused ? unknownOutcome(flight) : lostError(flight)
      }
      if (flight.failure !== null) {
        const error = statementError(flight.failure)
        this.#report(context, error)
        throw error
      }
      return flight.results[1]
    } finally {
      session.release(!idle)
    }
  }

  run<Result>(
    context: TenantContext,
    fn: (tx: Transaction) => Result | PromiseLike<Result>,
    options: RunOptions = {},
  ): Promise<Awaited<Result>> {
    const outer = this.#joinable(context)
    if (outer === null) return this.#runAlone(context, fn, options)
    return outer.nest(() => this.#runNested(outer, context, fn, options))
  }

  async #runAlone<Result>(
    context: TenantContext,
    fn: (tx: Transaction) => Result | PromiseLike<Result>,
    options: RunOptions,
  ): Promise<Awaited<Result>> {
    this.#admit(context)
    const begin = beginStatement(options)
    const server = new ServerTransaction({
      acquire: () => this.#acquire(context),
      opening: () => [begin, this.#claim(context)],
    })
    const end = await this.#settle(server, context, fn)
    if (server.dead !== null && end.kind !== 'threw') {
      await server.rollback()
      throw server.dead
    }
    if (end.kind === 'returned') {
      await this.#commit(server, context)
      return end.value
    }
    if (end.kind === 'swallowed' && server.status === 'failed') {
      await server.commit().catch((error: unknown) => {
        throw aborted(end.error, error)
      })
    }
    await server.rollback()
    throw end.kind === 'swallowed' ? aborted(end.error) : end.error
  }

  async #commit(server: ServerTransaction, context: TenantContext): Promise<void> {
    try {
      await server.commit()
    } catch (error) {
      this.#report(context, error)
      throw error
    }
  }

  async #runNested<Result>(
    outer: TransactionScope,
    context: TenantContext,
    fn: (tx: Transaction) => Result | PromiseLike<Result>,
    options: RunOptions,
  ): Promise<Awaited<Result>> {
    if (options.isolationLevel !== undefined || options.readOnly !== undefined) {
      throw new WatertightError('INVALID_INPUT', 'a nested run has the options of the outer one')
    }
    const { server } = outer
    const savepoint = server.savepoint()
    const end = await this.#settle(server, context, fn)
    if (end.kind === 'returned') {
      server.releaseSavepoint(savepoint)
      return end.value
    }
    await server.rollbackTo(savepoint)
    throw end.kind === 'swallowed' ? (server.dead ?? aborted(end.error)) : end.error
  }

  #settle<Result>(
    server: ServerTransaction,
    context: TenantContext,
    fn: (tx: Transaction) => Result | PromiseLike<Result>,
  ): Promise<ScopeEnd<Awaited<Result>>> {
    const scope = new TransactionScope(server, context, (error) => this.#report(context, error))
    return this.#scopes.run(scope, () =>
      withContext(context, () =>
        scope.settle(fn as (tx: Transaction) => PromiseLike<Awaited<Result>>),
      ),
    )
  }

  /** The open transaction around the call. */
  #surrounding(): TransactionScope | null {
    const scope = this.#scopes.getStore()
    return scope?.isOpen === true ? scope : null
  }

  /** The open transaction around the call, if it runs under the same claims. */
  #joinable(context: unknown): TransactionScope | null {
    const outer = this.#surrounding()
    if (outer === null || !isTenantContext(context) || this.#isExpired(context)) return null
    return isSameContext(outer.context, context) ? outer : null
  }

  /** Checks a context that joins no transaction, before any SQL. */
  #admit(given: TenantContext): void {
    const context = requireContext(given)
    this.#requireFresh(context)
    this.#pools.requirePool(context.mode)
    if (this.#surrounding() === null) return
    throw new WatertightError(
      'CONTEXT_MISMATCH',
      'a transaction is open under another context; it cannot switch',
      { hint: 'End it first, or start the other transaction outside of its function.' },
    )
  }

  #isExpired(context: TenantContext): boolean {
    return this.#now() / 1000 >= context.expiresAt
  }

  #requireFresh(context: TenantContext): void {
    if (!this.#isExpired(context)) return
    throw new WatertightError('CONTEXT_EXPIRED', 'the tenant context has expired', {
      hint: 'Parse a fresh context from the caller’s token.',
    })
  }

  #acquire(context: TenantContext): Promise<Session> {
    return this.#outside(() => this.#pools.acquire(context.mode))
  }

  #outside<Result>(fn: () => Result): Result {
    return this.#scopes.run(null, () => withoutContext(fn))
  }

  /** Waiting for a connection takes time, so the expiry is checked again as the token is made. */
  #claim(context: TenantContext): Statement {
    this.#requireFresh(context)
    return this.#contextStatement(context)
  }

  #report(context: TenantContext, error: unknown): void {
    const onDenied = this.#onDenied
    if (onDenied === undefined || !(error instanceof WatertightError)) return
    // In a task of its own: what the hook throws cannot replace the error.
    if (error.code === 'ACCESS_DENIED') queueMicrotask(() => onDenied({ context, error }))
  }
}

function aborted(cause: unknown, commitError: unknown = null): unknown {
  if (commitError instanceof WatertightError && commitError.code !== 'TX_ABORTED')
    return commitError
  return new WatertightError(
    'TX_ABORTED',
    'the transaction was rolled back, because a statement in it had failed; see cause',
    { cause, hint: 'Let the error of the statement end the function passed to run().' },
  )
}
