import type { Command } from 'watertight/model'

/**
 * The four honest answers. `proven` holds for every row and context, `leak` was replayed on the
 * server, `unknown` names its reason, `not-applicable` means the role cannot run the command.
 */
export type Verdict = 'proven' | 'leak' | 'unknown' | 'not-applicable'

/** All verdicts, worst first. */
export const verdicts: readonly Verdict[] = ['leak', 'unknown', 'proven', 'not-applicable']

/** Which part of the verifier gave a verdict. */
export type VerdictSource = 'prove' | 'attack' | 'lint'

/** What is known about one command of one role on one object. */
export interface CoverageRow {
  /** `schema.name`, both parts quoted where they have to be. */
  readonly object: string
  readonly kind:
    'table' | 'partitioned-table' | 'partition' | 'view' | 'materialized-view' | 'foreign-table'
  readonly role: string
  readonly command: Command
  readonly verdict: Verdict
  readonly by: VerdictSource
  readonly reason: string
  readonly assumptions: readonly string[]
  /** How many live probes tried the cell; absent when none did. */
  readonly probes?: number
}

/** Orders verdicts, worst first. */
export function compareVerdict(left: Verdict, right: Verdict): number {
  return verdicts.indexOf(left) - verdicts.indexOf(right)
}
