import { currentContext } from '../runtime/index.js'
import type { RunOptions, Statement, TenantContext, Transaction } from '../runtime/index.js'
import type { StatementResult } from '../sql/index.js'
import type { BoundTransactions, TransactionPort } from './request-tenancy.js'

/**
 * A provider for services: each call runs under the context of the request it is made in. One
 * instance for the whole application.
 */
export class TenantTransactions implements BoundTransactions {
  readonly #tx: TransactionPort

  constructor(tx: TransactionPort) {
    this.#tx = tx
  }

  /** @throws CONTEXT_REQUIRED outside of a request. */
  get context(): TenantContext {
    return currentContext()
  }

  /** One statement in a transaction of its own; see `TxManager.query`. */
  query<Row = Record<string, unknown>>(
    text: string | Statement,
    values?: readonly unknown[],
  ): Promise<StatementResult<Row>> {
    return this.#tx.query<Row>(currentContext(), text, values)
  }

  /** Several statements in one transaction; see `TxManager.run`. */
  run<Result>(
    fn: (tx: Transaction) => Result | PromiseLike<Result>,
    options?: RunOptions,
  ): Promise<Awaited<Result>> {
    return this.#tx.run(currentContext(), fn, options)
  }
}
