/** What a class of objects is. */
export type ObjectClass =
  | 'role'
  | 'table'
  | 'partition'
  | 'foreign-table'
  | 'view'
  | 'materialized-view'
  | 'function'
  | 'trigger'
  | 'rule'
  | 'sequence'
  | 'publication'
  | 'large-objects'

/**
 * How far a run got with one class of objects. Every object is in exactly one of the three counts:
 * `checked` has an answer, `skipped` was not asked for, `impossible` was asked for and has none.
 */
export interface ClassCoverage {
  readonly class: ObjectClass
  readonly total: number
  readonly checked: number
  readonly skipped: number
  readonly impossible: number
  /** Why objects were skipped or have no answer, most frequent first. */
  readonly reasons: readonly ClassReason[]
}

/** Why objects of a class were not checked. */
export interface ClassReason {
  readonly state: 'skipped' | 'impossible'
  readonly reason: string
  readonly count: number
  /** The first three by name. */
  readonly examples: readonly string[]
}

/** A part of the verifier, and whether it ran. */
export interface StageCoverage {
  readonly stage: 'lint' | 'prove' | 'attack' | 'two-worlds'
  readonly state: 'ran' | 'skipped' | 'impossible'
  /** Why it did not run; empty when it did. */
  readonly reason: string
}
