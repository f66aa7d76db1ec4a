import type { Command } from 'watertight/model'
import type { ClassifiedTable } from '../graph/classify.js'
import type { Encoding, Subject } from './encode/encoding.js'
import type { Term } from './terms/term.js'

/** One thing to prove: of a role's command on a table. */
export interface Obligation {
  readonly table: ClassifiedTable
  /** The role that the model declares. */
  readonly role: string
  /** The role that the command runs as: the same, or one that it can SET ROLE to. */
  readonly actor: string
  readonly command: Command
}

/** A property of isolation, as the negation that must be unsatisfiable. */
export interface Property {
  readonly id: string
  appliesTo(obligation: Obligation, subject: Subject): boolean
  violation(encoding: Encoding, obligation: Obligation): Term | Unstated
}

/** A property that the model does not say enough to state, and what it would have to say. */
export interface Unstated {
  readonly kind: 'unstated'
  readonly reason: string
}

export function unstated(reason: string): Unstated {
  return { kind: 'unstated', reason }
}
