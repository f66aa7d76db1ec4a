import type { Term } from '../terms/term.js'
import type { Value } from './value.js'

/** Some row of a query's result. */
export interface Match {
  /** What is true when there is such a row. */
  readonly holds: Term
  readonly targets: readonly Value[]
  readonly names: readonly string[]
  /** The query surely has exactly this row. */
  readonly single: boolean
}
