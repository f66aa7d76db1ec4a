import type { Command } from 'watertight/model'
import type { LintInput } from '../lint/rule.js'
import type { Attack, Outcome } from './attack.js'
import type { Pair } from './principals.js'
import type { PreparedRows } from './prepare-rows.js'
import type { ContextSettings, ProbeSession } from './session.js'
import type { Synthesis } from './synthesis/synthesis.js'
import type { Target } from './target.js'

/** What the attacks on one object share: the role, both sides and their contexts. */
export interface ObjectProbe {
  readonly input: LintInput
  readonly session: ProbeSession
  readonly role: string
  readonly pair: Pair
  /** Every protected table by name. */
  readonly targets: ReadonlyMap<string, Target>
  /** The attacker's context. */
  readonly context: ContextSettings
  /** The victim's own context; null where none can be made. */
  readonly foreignContext: ContextSettings | null
  readonly isSuperuser: boolean
  /** The table has more rows than a statement without WHERE should touch on a live system. */
  isLarge(target: Target): Promise<boolean>
  /** Finds or makes rows of both sides. */
  rows(target: Target): Promise<PreparedRows | string>
  /** What rows of one side are made with. */
  synthesis(side: 'own' | 'foreign'): Synthesis
}

/** One object to attack, and how; it runs in a transaction of its own. */
export interface ObjectSubject {
  readonly object: string
  /** Further objects that a finding is about. */
  readonly related: readonly string[]
  readonly command: Command
  isFor(role: string): boolean
  run(probe: ObjectProbe): Promise<Outcome>
}

/** A way across the boundary that does not start at a protected table itself. */
export interface ObjectAttack extends Pick<Attack, 'id' | 'title' | 'severity'> {
  /** It says something of a session without a context, too. */
  readonly withoutContext?: true
  subjects(input: LintInput, targets: ReadonlyMap<string, Target>): readonly ObjectSubject[]
}
