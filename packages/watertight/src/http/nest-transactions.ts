import { currentContext } from '../runtime/index.js'
import type { BoundTxManager, TenantContext } from '../runtime/index.js'
import type { TransactionPort } from './request-tenancy.js'

type Verb = 'query' | 'batch' | 'run' | 'stream'

/**
 * A provider for services: each call runs under the context of the request it is made in. One
 * instance for the whole application.
 */
export class TenantTransactions implements BoundTxManager {
  readonly #tx: TransactionPort

  constructor(tx: TransactionPort) {
    this.#tx = tx
  }

  /** @throws CONTEXT_REQUIRED outside of a request. */
  get context(): TenantContext {
    return currentContext()
  }

  /** One statement in a transaction of its own; see `TxManager.query`. */
  readonly query: BoundTxManager['query'] = (...given) => this.#now().query(...given)

  /** Statements in one transaction and one round trip; see `TxManager.batch`. */
  readonly batch: BoundTxManager['batch'] = (...given) => this.#now().batch(...given)

  /** Several statements in one transaction; see `TxManager.run`. */
  readonly run: BoundTxManager['run'] = (...given) => this.#now().run(...given)

  /** The rows of a large result; see `TxManager.stream`. */
  readonly stream: BoundTxManager['stream'] = (...given) => this.#now().stream(...given)

  #now(): Pick<BoundTxManager, Verb> {
    return this.#tx.as(currentContext())
  }
}
