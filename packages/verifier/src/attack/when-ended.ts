import { inconclusive } from './attack.js'
import type { Outcome } from './attack.js'
import { ProbeTransactionEnded } from './ended-transaction.js'

/** What is known of a probe whose transaction ended: nothing. Other errors are thrown again. */
export function whenEnded(error: unknown): Outcome {
  if (error instanceof ProbeTransactionEnded) return inconclusive(error.message)
  throw error
}
