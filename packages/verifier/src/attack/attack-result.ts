import type { RuntimeRole } from 'watertight/model'
import type { Attack, Outcome } from './attack.js'

/** One attack of one role on one object, and what came of it. */
export interface AttackResult {
  readonly object: string
  /** Further objects that it is about. */
  readonly related?: readonly string[]
  readonly role: string
  readonly roleKind: RuntimeRole
  readonly attack: Pick<Attack, 'id' | 'title' | 'command' | 'context'>
  readonly outcome: Outcome
}
