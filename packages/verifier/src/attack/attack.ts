import type { Command } from 'watertight/model'
import type { Sql } from 'watertight/sql'
import type { LintInput } from '../lint/rule.js'
import type { Principal } from './principals.js'
import type { RowSample } from './samples.js'
import type { ContextSettings, ProbeSession } from './session.js'
import type { Synthesis } from './synthesis/synthesis.js'
import type { Target } from './target.js'

/**
 * What an attack found out. `held` is said only when the same statement worked on the attacker's
 * own rows, so that the attack could have succeeded.
 */
export type Outcome =
  | {
      readonly kind: 'leak'
      readonly statement: Sql
      readonly what: string
      /** Further objects that have a part in it. */
      readonly related?: readonly string[]
      /** Counts only when {@link Attack.confirm} says so. */
      readonly tentative?: boolean
    }
  | { readonly kind: 'held' }
  | { readonly kind: 'inconclusive'; readonly reason: string }

/** Everything an attack needs: one table, one role, the attacker's and the victim's key. */
export interface Probe {
  readonly input: LintInput
  readonly session: ProbeSession
  readonly target: Target
  readonly role: string
  /** Tenant (or user) that the attacker is. */
  readonly own: string
  /** Tenant (or user) whose rows must stay out of reach. */
  readonly foreign: string
  /** The attacker and the victim with all that is known of them. */
  readonly ownPrincipal: Principal
  readonly foreignPrincipal: Principal
  /** What rows of a principal are made with. */
  synthesis(principal: Principal): Synthesis
  readonly ownRows: RowSample
  readonly foreignRows: RowSample
  /** The attacker's context. */
  readonly context: ContextSettings
  /** No context: nothing set, or what a pooled connection is left with. */
  readonly noContext: ContextSettings
  /** The connected role may switch triggers off to tell a policy's refusal from a constraint's. */
  readonly isSuperuser: boolean
}

/** One way to try to cross the boundary. */
export interface Attack {
  readonly id: string
  /** One sentence for lists and `explain`. */
  readonly title: string
  readonly command: Command
  /** What it shows is a warning where it reads and changes no foreign row; otherwise an error. */
  readonly severity?: 'warning'
  /** Runs under the attacker's context, or under none. */
  readonly context: 'own' | 'none'
  /** It locks the whole table: withheld unless the run may hold others up. */
  readonly blocks?: boolean
  /** There is something to try; an attack without it is left out, which says nothing. */
  applies?(input: LintInput, target: Target, role: string): boolean
  run(probe: Probe): Promise<Outcome>
  /**
   * Looks at a tentative leak again where a context may be set, which the attempt without any must not do;
   * false when what got through is meant to.
   */
  confirm?(probe: Probe): Promise<boolean>
}

/** An outcome without result. */
export function inconclusive(reason: string): Outcome {
  return { kind: 'inconclusive', reason }
}

/** The attack could have succeeded and did not. */
export const held: Outcome = Object.freeze({ kind: 'held' })
