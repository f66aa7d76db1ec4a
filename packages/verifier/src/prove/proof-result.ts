import type { Command } from 'watertight/model'

/** What the prover says of one command of one role on one table. */
export interface ProofResult {
  /** `schema.name`, both parts quoted where they have to be. */
  readonly object: string
  readonly role: string
  readonly command: Command
  /**
   * `proven` holds for every row and context under the assumptions; `refuted` has a counterexample
   * that was not replayed, or is an obvious fact of the catalog; `unknown` names what is missing.
   */
  readonly verdict: 'proven' | 'refuted' | 'unknown'
  readonly reason: string
  readonly assumptions: readonly string[]
  readonly counterexample?: Counterexample
}

/** Rows and a context under which a foreign row would be reached, to be replayed on a server. */
export interface Counterexample {
  readonly relation: string
  readonly role: string
  readonly command: Command
  /** Settings by name; null for one that was never set. */
  readonly settings: Readonly<Record<string, string | null>>
  readonly rows: readonly CounterexampleRow[]
  /** The view that shows the row, as `schema.name`; absent where the command is on the table itself. */
  readonly view?: string
}

export interface CounterexampleRow {
  readonly relation: string
  /** What the row is in the story: `row`, `old row`, `new row`, or an alias of the policy. */
  readonly label: string
  /** Values as text, null for NULL; columns that do not matter are left out. */
  readonly values: Readonly<Record<string, string | null>>
}
