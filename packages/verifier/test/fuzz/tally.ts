import type { ProofResult } from '../../src/prove/proof-result.js'
import type { Cells, Settings } from './world.js'

/** What a run compared and found. */
export interface Tally {
  worlds: number
  policySets: number
  /** Conditions that the server refused as ill-typed. */
  refused: number
  /** Rows in contexts whose fate on the server was held against the encoder. */
  compared: number
  /** Of these, held to be equal in both directions. */
  exact: number
  shown: number
  /** Nothing claimed, since something is not modelled. */
  blocked: number
  failed: number
  /** Cells by verdict, without those that the role has no privilege for. */
  verdicts: Record<ProofResult['verdict'], number>
  /** Why cells were unknown, by how often. */
  readonly reasons: Map<string, number>
  /** Statements tried against cells that are proven. */
  attacks: number
  /** Refuted cells of which a foreign row was reached by chance. */
  confirmed: number
  /** Time by part of the work. */
  readonly milliseconds: Map<string, number>
}

export function newTally(): Tally {
  return {
    worlds: 0,
    policySets: 0,
    refused: 0,
    compared: 0,
    exact: 0,
    shown: 0,
    blocked: 0,
    failed: 0,
    verdicts: { proven: 0, refuted: 0, unknown: 0 },
    reasons: new Map(),
    attacks: 0,
    confirmed: 0,
    milliseconds: new Map(),
  }
}

/** A case in which the prover and the server do not agree. */
export interface Disagreement {
  readonly what: 'shown, but excluded' | 'hidden, but admitted' | 'foreign row behind proven'
  readonly world: number
  readonly table: string
  readonly role: string
  readonly form: string
  readonly settings: Settings
  readonly row: Cells
}
