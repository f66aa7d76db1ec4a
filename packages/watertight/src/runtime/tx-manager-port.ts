import type { SigningKeySource } from './context-statement.js'
import type { ContextSource } from '../model/index.js'
import type { StatementResult } from '../sql/index.js'
import type { BoundHandles } from './bound-handles.js'
import type { Statement } from './driver.js'
import type { ObservationOptions } from './observation.js'
import type { ParseContextOptions } from './parse-tenant-context.js'
import type { RetryClock } from './retry.js'
import type { RolePools } from './role-pools.js'
import type { StreamOptions } from './row-stream.js'
import type { QueryOptions, RunOptions, TransactionDefaults } from './run-options.js'
import type { BatchItem } from './statement.js'
import type { TenantContext } from './tenant-context.js'
import type { Transaction } from './transaction.js'

export interface TxManagerOptions extends ObservationOptions, Partial<RetryClock> {
  readonly pools: RolePools
  /** How contexts reach the database: `context` of the model. Signed by default. */
  readonly context?: ContextSource
  /** The key that signs contexts, or a function that returns the current one. */
  readonly signingKey?: SigningKeySource
  /** Milliseconds since 1970; `Date.now` by default. */
  readonly now?: () => number
  /** Time-outs and retries of calls that say nothing else. */
  readonly defaults?: TransactionDefaults
  /** Milliseconds to wait for a connection; 30,000 by default, 0 for ever. */
  readonly acquireTimeout?: number
  /** Types of the ids in the contexts that `asAuditor`, `asPlatform` and `asWorker` make. */
  readonly keyTypes?: NonNullable<ParseContextOptions['keyTypes']>
}

/** The only entry point to the database: nothing runs without a tenant context. */
export interface TxManager extends BoundHandles {
  /** Runs the boot check on every pool now, rather than before its first statement. */
  start(): Promise<void>
  /**
   * Refuses new work with TX_CLOSED, and resolves when all that runs has ended and every commit
   * was answered. The pools remain yours to end.
   */
  close(): Promise<void>
  /**
   * Runs one statement under a context, in a transaction of its own, in ONE round trip: context
   * and statement go under one Sync, which makes them one implicit transaction. Several commands
   * in one text are refused by the server. Inside `run` it joins that transaction.
   *
   * @throws CONTEXT_REQUIRED, INVALID_CONTEXT, CONTEXT_EXPIRED, ROLE_NOT_CONFIGURED, UNSAFE_ROLE
   * before any statement of yours; ACCESS_DENIED, STATEMENT_FAILED; CONNECTION_FAILED,
   * AUTHENTICATION_FAILED, ACQUIRE_TIMEOUT; ABORTED; OUTCOME_UNKNOWN when the connection breaks where a write may have been
   * committed; CONTEXT_MISMATCH inside a `run` with another context.
   *
   * @example
   * ```ts
   * await tx.query(context, 'select * from invoices where id = $1', [id])
   * // Parse/Bind/Execute  select where pg_catalog.set_config('watertight.context', $1, true) is null   <- the token
   * // Parse/Bind/Execute  select * from invoices where id = $1                <- id
   * // Sync
   * ```
   */
  query<Row = Record<string, unknown>>(
    context: TenantContext,
    text: string | Statement,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<StatementResult<Row>>
  /**
   * Runs several statements under a context, in order, in one transaction and ONE round trip for
   * all: either all take effect or none. `problems` of an error says which failed.
   *
   * @throws as {@link TxManager.query}.
   *
   * @example
   * ```ts
   * const [order, lines] = await tx.batch(context, [
   *   ['select * from orders where id = $1', [id]],
   *   ['select * from order_lines where order_id = $1', [id]],
   * ])
   * ```
   */
  batch(
    context: TenantContext,
    statements: readonly BatchItem[],
    options?: QueryOptions,
  ): Promise<StatementResult[]>
  /**
   * Runs `fn` in one transaction under a context; N statements that wait for each other cost N + 1
   * round trips, N when it is read-only. Commits when `fn` returns, rolls back when it throws or a statement failed.
   * Statements that `fn` left running are awaited first. Inside another `run` with the same rights
   * it is a savepoint; side-by-side nested runs take turns. With `retry`, `fn` is called again from
   * the start, with a new handle, after a serialization failure or deadlock; never inside another.
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
   * // begin; select pg_catalog.set_config('watertight.context', $1, true); select stock ...   Sync
   * // update items ...                                                             Sync
   * // commit                                                                       Sync
   * ```
   */
  run<Result>(
    context: TenantContext,
    fn: (tx: Transaction) => Result | PromiseLike<Result>,
    options?: RunOptions,
  ): Promise<Awaited<Result>>
  /**
   * Reads through a cursor in a read-only transaction, so that any number of rows takes little
   * memory. The loop holds a connection until it is left; leaving it early rolls back.
   *
   * @throws as {@link TxManager.query}, from the loop.
   *
   * @example
   * ```ts
   * for await (const row of tx.stream(context, 'select * from events where at > $1', [since])) {
   *   await write(row)
   * }
   * ```
   */
  stream<Row = Record<string, unknown>>(
    context: TenantContext,
    text: string | Statement,
    values?: readonly unknown[],
    options?: StreamOptions & QueryOptions,
  ): AsyncIterable<Row>
}
