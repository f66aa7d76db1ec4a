import type { Sql } from 'watertight/sql'

/** What an answer that differs gives away. */
export type WorldDifference = 'rows' | 'existence' | 'sequence'

/** One statement of the workload. */
export interface WorldStatement {
  readonly object: string
  readonly tells: WorldDifference
  /** What it tries, for the message. */
  readonly what: string
  readonly sql: Sql
  readonly values: readonly (string | null)[]
}
