import type { Counter, Histogram, Meter } from '@opentelemetry/api'

/** What is measured; names and units follow the semantic conventions of databases. */
export interface Instruments {
  /** Seconds of each statement. */
  readonly operation: Histogram
  /** Seconds of each transaction, waiting for a connection included. */
  readonly transaction: Histogram
  readonly denials: Counter
  readonly retries: Counter
  readonly slow: Counter
  readonly unknownOutcomes: Counter
}

/** Boundaries in seconds that the conventions give for `db.client.operation.duration`. */
const boundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/** Makes the instruments of a meter. */
export function instrumentsOf(meter: Meter): Instruments {
  const advice = { explicitBucketBoundaries: boundaries }
  return {
    operation: meter.createHistogram('db.client.operation.duration', {
      description: 'Duration of database client operations.',
      unit: 's',
      advice,
    }),
    transaction: meter.createHistogram('watertight.transaction.duration', {
      description: 'Duration of transactions, waiting for a connection included.',
      unit: 's',
      advice,
    }),
    denials: meter.createCounter('watertight.denials', {
      description: 'Statements that the isolation layer refused.',
      unit: '{statement}',
    }),
    retries: meter.createCounter('watertight.retries', {
      description: 'Transactions that were run again.',
      unit: '{transaction}',
    }),
    slow: meter.createCounter('watertight.slow_transactions', {
      description: 'Transactions that took as long as slowAfter, or longer.',
      unit: '{transaction}',
    }),
    unknownOutcomes: meter.createCounter('watertight.unknown_outcomes', {
      description: 'Transactions of which it is not known whether they committed.',
      unit: '{transaction}',
    }),
  }
}
