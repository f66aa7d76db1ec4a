import type { RuntimeRole } from 'watertight/model'
import type { Attack, Outcome } from './attack.js'

/** One attack of one role on one object, and what came of it. */
export interface AttackResult {
  readonly object: string
  /** Further objects that it is about. */
  readonly related?: readonly string[]
  readonly role: string
  /** `undeclared`: the model does not name the role. */
  readonly roleKind: RuntimeRole | 'undeclared'
  /** What a membership that was made up for the attack says of the attacker's rank. */
  readonly rank?: string
  readonly attack: Pick<Attack, 'id' | 'title' | 'command' | 'context' | 'severity'>
  readonly outcome: Outcome
}
