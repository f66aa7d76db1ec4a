import { WatertightError } from '../errors/index.js'
import type { DriverResult, Statement } from './driver.js'
import type { TenantContext } from './tenant-context.js'
import type {
  Denial,
  ObservedTransaction,
  TransactionEnd,
  TransactionOutcome,
  TxObserver,
} from './tx-observer.js'

/** Who is told of transactions. */
export interface ObservationOptions {
  /** Told of every ACCESS_DENIED. */
  readonly onDenied?: (denial: Denial) => void
  /** Told of every transaction that took `slowAfter` or longer. */
  readonly onSlow?: (end: TransactionEnd) => void
  /** Milliseconds; 1,000 by default. */
  readonly slowAfter?: number
  readonly observer?: TxObserver
}

/** Calls the hooks of a manager; what they throw stays here. */
export class Observation {
  readonly #options: ObservationOptions
  readonly #hasTransactions: boolean
  #warned = false

  constructor(options: ObservationOptions) {
    this.#options = options
    this.#hasTransactions = options.observer !== undefined || options.onSlow !== undefined
  }

  /** Null when nobody is told of transactions, so that nothing is measured. */
  begin(transaction: () => ObservedTransaction): Trace | null {
    if (!this.#hasTransactions) return null
    const observed = Object.freeze(transaction())
    this.tell((observer) => observer.onTransactionStart?.(observed))
    return new Trace(this, observed)
  }

  denied(context: TenantContext, error: unknown): void {
    if (!(error instanceof WatertightError) || error.code !== 'ACCESS_DENIED') return
    const denial = { context, error }
    this.#call(() => this.#options.onDenied?.(denial))
    this.tell((observer) => observer.onDenial?.(denial))
  }

  ended(end: TransactionEnd): void {
    this.tell((observer) => observer.onTransactionEnd?.(end))
    if (end.outcome === 'unknown') this.tell((observer) => observer.onUnknownOutcome?.(end))
    if (end.durationMs < (this.#options.slowAfter ?? 1000)) return
    this.#call(() => this.#options.onSlow?.(end))
    this.tell((observer) => observer.onSlowTransaction?.(end))
  }

  tell(hook: (observer: TxObserver) => unknown): void {
    const { observer } = this.#options
    if (observer !== undefined) this.#call(() => hook(observer))
  }

  /** INVARIANT: an observer that throws, at once or later, changes no outcome. */
  #call(hook: () => unknown): void {
    try {
      const returned = hook()
      if (returned instanceof Promise) returned.catch(() => this.#warn())
    } catch {
      this.#warn()
    }
  }

  /** Without what was thrown: it may hold anything. */
  #warn(): void {
    if (this.#warned) return
    this.#warned = true
    process.emitWarning('a hook of createTxManager threw; further throws are not reported', {
      type: 'WatertightWarning',
      code: 'WATERTIGHT_OBSERVER',
    })
  }
}

/** What is measured of one transaction. */
export class Trace {
  readonly transaction: ObservedTransaction
  readonly #observation: Observation
  readonly #startedAt = performance.now()
  #statements = 0

  constructor(observation: Observation, transaction: ObservedTransaction) {
    this.#observation = observation
    this.transaction = transaction
  }

  /** A flight of statements of the caller has ended. */
  readonly sent = (
    statements: readonly Statement[],
    results: readonly DriverResult[],
    error: WatertightError | null,
    startedAt: number,
  ): void => {
    const durationMs = performance.now() - startedAt
    const { transaction } = this
    for (const [index, { text }] of statements.entries()) {
      const result = results[index]
      if (result === undefined && index > results.length) return
      this.#statements += 1
      const rowCount = result?.rowCount ?? null
      const failure = result === undefined ? error : null
      this.#observation.tell((observer) =>
        observer.onStatement?.({ transaction, text, durationMs, rowCount, error: failure }),
      )
    }
  }

  end(error: unknown, inBackground = false): void {
    const { transaction } = this
    const durationMs = performance.now() - this.#startedAt
    const statements = this.#statements
    const outcome = outcomeOf(error)
    this.#observation.ended({ transaction, outcome, durationMs, statements, error, inBackground })
  }
}

function outcomeOf(error: unknown): TransactionOutcome {
  if (error === null) return 'committed'
  const isUnknown = error instanceof WatertightError && error.code === 'OUTCOME_UNKNOWN'
  return isUnknown ? 'unknown' : 'rolled-back'
}
