import type { WatertightError } from '../errors/index.js'
import type { IsolationLevel } from './begin-statement.js'
import type { TenantContext } from './tenant-context.js'

/** What kind of call a transaction is: a lone statement or batch, a function, a stream. */
export type TransactionKind = 'query' | 'batch' | 'run' | 'stream'

/**
 * One transaction, the same object in each event about it. Each attempt of a retried `run` is a
 * transaction of its own; what joins an open transaction is not.
 */
export interface ObservedTransaction {
  readonly kind: TransactionKind
  readonly context: TenantContext
  readonly readOnly: boolean
  /** Null for the server's default. */
  readonly isolationLevel: IsolationLevel | null
  /** 1 for the first attempt. */
  readonly attempt: number
}

/** `unknown`: the connection broke where the commit may have taken place. */
export type TransactionOutcome = 'committed' | 'rolled-back' | 'unknown'

/** The end of a transaction, after its connection was given back. */
export interface TransactionEnd {
  readonly transaction: ObservedTransaction
  readonly outcome: TransactionOutcome
  /** Milliseconds from the call to the end of the commit, waiting for a connection included. */
  readonly durationMs: number
  /** Statements of the caller that were sent. */
  readonly statements: number
  /** Why it did not commit; null when it did. */
  readonly error: unknown
  /** True when the caller already had its result: the commit of a read-only transaction. */
  readonly inBackground: boolean
}

/** A statement of the caller that the server answered, or that was lost. Never its values. */
export interface ObservedStatement {
  readonly transaction: ObservedTransaction
  readonly text: string
  /** Milliseconds that the flight of the statement took. */
  readonly durationMs: number
  /** Null when it failed. */
  readonly rowCount: number | null
  readonly error: WatertightError | null
}

/** A statement that the isolation layer refused, and who sent it. */
export interface Denial {
  readonly context: TenantContext
  readonly error: WatertightError
}

/** A transaction that is run again after a serialization failure or a deadlock. */
export interface Retry {
  /** The one that failed. */
  readonly transaction: ObservedTransaction
  readonly error: unknown
  /** Milliseconds until the next attempt. */
  readonly delayMs: number
}

/**
 * Told of what a `TxManager` does; each hook is optional. Hooks are called synchronously, in the
 * async context of the caller; what they throw is a process warning and changes no outcome.
 */
export interface TxObserver {
  onTransactionStart?(transaction: ObservedTransaction): void
  onTransactionEnd?(end: TransactionEnd): void
  onStatement?(statement: ObservedStatement): void
  onDenial?(denial: Denial): void
  onSlowTransaction?(end: TransactionEnd): void
  onRetry?(retry: Retry): void
  onUnknownOutcome?(end: TransactionEnd): void
}
