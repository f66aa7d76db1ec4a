import type { TenancyModel } from 'watertight/model'
import type { AccessGraph } from './access-graph.js'
import type { Finding } from './finding.js'
import type { ClassCoverage, StageCoverage } from './object-class.js'
import type { CoverageRow } from './verdict.js'

/** Identifies the JSON of {@link CheckResult}; minors only add. */
export const checkSchemaId = 'watertight.check/1'

/** What `check` found out: the object that `check --format json` prints. */
export interface CheckResult {
  readonly schema: typeof checkSchemaId
  readonly tool: { readonly name: string; readonly version: string }
  readonly server: { readonly version: string; readonly versionNum: number }
  /** When the run began, ISO 8601 in UTC. */
  readonly startedAt: string
  /** SHA-256 in hex of what was looked at and of the model it was held against. */
  readonly hashes: { readonly catalog: string; readonly model: string }
  /** The model as used, with the JSON paths of the parts that were inferred. */
  readonly model: TenancyModel & { readonly inferred: readonly string[] }
  readonly coverage: readonly CoverageRow[]
  /** What the proven cells rest on, each once. */
  readonly assumptions: readonly Assumption[]
  /** What was checked, skipped and impossible per class of object. */
  readonly classes: readonly ClassCoverage[]
  readonly stages: readonly StageCoverage[]
  /** Worst first. */
  readonly findings: readonly Finding[]
  /** Findings that an `accept` entry of the model suppresses. */
  readonly accepted: readonly AcceptedResult[]
  /** Findings that the baseline knew already: shown, and not counted as errors or warnings. */
  readonly baselined: readonly Finding[]
  /** Who reaches what as whom, and every source of tenant data with its gate. */
  readonly graph: AccessGraph
  readonly summary: CheckSummary
}

/** Something that proofs take for granted, and how many proven cells do. */
export interface Assumption {
  readonly text: string
  readonly cells: number
}

/** A suppressed finding and why it is. */
export interface AcceptedResult {
  readonly finding: Finding
  readonly reason: string
  readonly until: string
}

/** Counts over coverage and findings. */
export interface CheckSummary {
  readonly proven: number
  /** Of the proven, those that rest on the layer being exactly as generated and not on a proof. */
  readonly provenByLayer: number
  readonly leak: number
  readonly unknown: number
  readonly notApplicable: number
  readonly errors: number
  readonly warnings: number
  readonly infos: number
  readonly accepted: number
  readonly baselined: number
  /** Statements that the live probes ran as a runtime role. */
  readonly statements: number
  /** Sequences that moved while the probes ran; a rollback does not turn them back. */
  readonly sequencesMoved: readonly string[]
  readonly durationMs: number
}

/** What the caller accepts. */
export interface ExitOptions {
  readonly allowUnknown: boolean
}

/**
 * The exit code of `check`: 0 holds, 1 a leak or a finding of error severity, 3 something could not
 * be checked (unless allowed). A finding outranks an unknown.
 */
export function exitCodeOf(result: CheckResult, options: ExitOptions): 0 | 1 | 3 {
  const { errors, unknown } = result.summary
  // Every leak has a finding of error severity, unless the model accepts it or the baseline knew it.
  if (errors > 0) return 1
  const nothingChecked = provesNothing(result)
  // The attacks that were not possible leave their cells unknown; the two worlds have no cells.
  const worldsMissing = result.stages.some(
    ({ stage, state }) => stage === 'two-worlds' && state === 'impossible',
  )
  return (unknown > 0 || nothingChecked || worldsMissing) && !options.allowUnknown ? 3 : 0
}

/**
 * Whether no cell had anything to prove although the model has rows of tenants: its runtime roles
 * reach none, so the database may well serve them to a role that the model does not name.
 */
export function provesNothing({ coverage, summary, model }: CheckResult): boolean {
  if (coverage.length > summary.notApplicable) return false
  return coverage.length === 0 || model.tables.some(({ scope }) => scope !== 'global')
}
