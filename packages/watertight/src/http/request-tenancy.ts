import { withContext } from '../runtime/index.js'
import type {
  RunOptions,
  Statement,
  TenantContext,
  Transaction,
  TxManager,
} from '../runtime/index.js'
import type { StatementResult } from '../sql/index.js'
import type { Principal } from './principal.js'

/** The part of a `TxManager` that requests and jobs use. */
export type TransactionPort = Pick<TxManager, 'query' | 'run'>

/** `query` and `run` of a `TxManager`, bound to one context. */
export interface BoundTransactions {
  /** One statement in a transaction of its own; see `TxManager.query`. */
  query<Row = Record<string, unknown>>(
    text: string | Statement,
    values?: readonly unknown[],
  ): Promise<StatementResult<Row>>
  /** Several statements in one transaction; see `TxManager.run`. */
  run<Result>(
    fn: (tx: Transaction) => Result | PromiseLike<Result>,
    options?: RunOptions,
  ): Promise<Awaited<Result>>
}

/** What a request runs under. */
export interface RequestTenancy {
  readonly context: TenantContext
  /** Null on public routes. */
  readonly principal: Principal | null
  readonly tx: BoundTransactions
}

/** Binds a transaction manager to what `context` returns at each call. */
export function bindTransactions(
  tx: TransactionPort,
  context: () => TenantContext,
): BoundTransactions {
  return Object.freeze({
    query: <Row>(text: string | Statement, values?: readonly unknown[]) =>
      tx.query<Row>(context(), text, values),
    run: <Result>(
      fn: (handle: Transaction) => Result | PromiseLike<Result>,
      options?: RunOptions,
    ) => tx.run(context(), fn, options),
  })
}

/** Runs `fn` under the context of a request. */
export function enter<Result>(tenancy: RequestTenancy, fn: () => Result): Result {
  return withContext(tenancy.context, fn)
}
