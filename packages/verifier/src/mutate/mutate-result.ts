import type { MutantKind } from './mutant.js'

/** The form of {@link MutateResult}; minors only add properties. */
export const mutateSchemaId = 'watertight.mutate/1'

/** What a test-suite notices of faults in the isolation layer. */
export interface MutateResult {
  readonly schema: typeof mutateSchemaId
  readonly tool: { readonly name: string; readonly version: string }
  readonly server: { readonly version: string; readonly versionNum: number }
  /** What was mutated, without credentials. */
  readonly source: string
  readonly test: string
  readonly mutants: readonly MutantOutcome[]
  readonly summary: MutateSummary
}

/**
 * `equivalent`: proven to reach the same rows as the original, so that no test can notice it;
 * `broken`: the server refused the fault, or it changed nothing; `not-run`: it lives in the cluster
 * and the server is not ours.
 */
export type MutantStatus = 'killed' | 'survived' | 'timeout' | 'equivalent' | 'broken' | 'not-run'

export interface MutantOutcome {
  readonly id: string
  readonly kind: MutantKind
  readonly object: string
  readonly description: string
  readonly sql: readonly string[]
  readonly status: MutantStatus
  /** Why a mutant was not counted; null otherwise. */
  readonly reason: string | null
  /** Of the test command, in milliseconds. */
  readonly durationMs: number
  /** The file of a test that kills it, verified on the original and on the mutant. */
  readonly test: string | null
}

export interface MutateSummary {
  readonly killed: number
  readonly survived: number
  readonly timeout: number
  readonly equivalent: number
  readonly broken: number
  readonly notRun: number
  /** Killed of killed, survived and timed out, in percent with one decimal; null when there are none. */
  readonly score: number | null
  readonly baselineMs: number
  readonly durationMs: number
  readonly testsWritten: number
}

/** Counts outcomes. */
export function summarise(
  mutants: readonly MutantOutcome[],
  durations: Pick<MutateSummary, 'baselineMs' | 'durationMs'>,
): MutateSummary {
  const count = (status: MutantStatus): number =>
    mutants.filter((mutant) => mutant.status === status).length
  const [killed, survived, timeout] = [count('killed'), count('survived'), count('timeout')]
  const counted = killed + survived + timeout
  return {
    killed,
    survived,
    timeout,
    equivalent: count('equivalent'),
    broken: count('broken'),
    notRun: count('not-run'),
    // Rounded down: 100 means all of them.
    score: counted === 0 ? null : Math.floor((1000 * killed) / counted) / 10,
    ...durations,
    testsWritten: mutants.filter(({ test }) => test !== null).length,
  }
}

/** 0 when every mutant was killed, 1 when one survived, 3 when one could not be judged. */
export function mutateExitCode({ summary }: MutateResult): 0 | 1 | 3 {
  if (summary.survived > 0) return 1
  return summary.timeout + summary.broken > 0 || summary.score === null ? 3 : 0
}
