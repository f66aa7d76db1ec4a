import type { Command } from '../model/index.js'
import type { ContextMode } from '../runtime/tenant-context.js'
import type { DenialReason } from './denial-reasons.js'

/**
 * What becomes of the statement. `hidden`: it finds no row. `refused`: it fails with SQLSTATE
 * 42501. `not-sent`: the runtime refuses before any SQL. `undecided`: what is known does not tell.
 */
export type DenialOutcome = 'allowed' | 'hidden' | 'refused' | 'not-sent' | 'undecided'

/** One conjunct of a policy, or an operand of one. */
export interface TermVerdict {
  readonly expression: string
  /** True when the term holds, false when it is false or NULL, null when it was not evaluated. */
  readonly verdict: boolean | null
  /** What the term reads of the context, for example `tenant_id` or `setting app.user_id`. */
  readonly claims: readonly string[]
  /** What it is made of, when the answer is for an `asker`; else and for a single test null. */
  readonly operator: 'AND' | 'OR' | null
  /** Its operands; empty without an operator. */
  readonly terms: readonly TermVerdict[]
}

/** A policy that applies to the role and command, and what it says about the row. */
export interface PolicyVerdict {
  readonly name: string
  readonly command: 'ALL' | Command
  readonly permissive: boolean
  readonly clause: 'USING' | 'WITH CHECK'
  /** The row as it is stored, or as the statement would leave it. */
  readonly row: 'stored' | 'new'
  readonly verdict: boolean | null
  /** As PostgreSQL prints it, every name outside `pg_catalog` qualified. */
  readonly expression: string
  readonly claims: readonly string[]
  /** The conjuncts of a policy that does not hold; of every policy, when the answer is for an `asker`. */
  readonly terms: readonly TermVerdict[]
  /** Why the policy was not evaluated. */
  readonly note: string | null
}

/**
 * Why a statement was refused or found nothing: plain frozen data for a developer's screen. It
 * holds names, expressions and verdicts, never values of rows.
 */
export interface DenialExplanation {
  readonly kind: 'denial'
  readonly outcome: DenialOutcome
  /** The database role that the statement runs as; null when it was not sent. */
  readonly role: string | null
  readonly mode: ContextMode | null
  readonly command: Command
  /** Whether policies apply to the role on the table; null when nothing was asked of the server. */
  readonly rowSecurity: boolean | null
  /** `schema.table`, as `formatTableName` writes it. */
  readonly table: string
  readonly policies: readonly PolicyVerdict[]
  /** The policy that refused. */
  readonly policy: string | null
  /** The claim that decided, for example `tenant_id` or `capability orders:read`. */
  readonly claim: string | null
  readonly reason: DenialReason
  /** What to do next. */
  readonly hint: string | null
}
