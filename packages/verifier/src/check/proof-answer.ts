import type { Command } from 'watertight/model'
import type { Finding } from '../findings/index.js'
import type { Counterexample, ProofResult } from '../prove/proof-result.js'
import type { CoverageRow } from '../findings/index.js'

type Answer = Pick<CoverageRow, 'verdict' | 'by' | 'reason' | 'assumptions'>

/**
 * What a proof says of a cell. A proof is about policies: an error of the rules about the same
 * object, or about a table that it reads, names a way past them and leaves the cell open, where the
 * cell's command can go that way: `mayWrite` says whether the cell's command may pass through a view.
 */
export function proofAnswer(
  proof: ProofResult,
  findings: readonly Finding[],
  reads: readonly string[],
  mayWrite: (view: string) => boolean,
): Answer | null {
  if (proof.verdict !== 'proven') return null
  const objects = [proof.object, ...reads]
  const error = findings.find(
    (finding) =>
      finding.severity === 'error' &&
      objects.some((object) => finding.evidence.objects.includes(object)) &&
      (finding.command === null || finding.command === proof.command) &&
      (finding.role === null || finding.role === proof.role) &&
      leadsPast(finding, proof.command, mayWrite),
  )
  if (error === undefined) {
    return { verdict: 'proven', by: 'prove', reason: proof.reason, assumptions: proof.assumptions }
  }
  const reason = `its policies hold, but ${error.rule}: ${error.message}`
  return { verdict: 'unknown', by: 'lint', reason, assumptions: proof.assumptions }
}

/** What cannot be written to is only read. */
function leadsPast(
  { rule, object }: Finding,
  command: Command,
  mayWrite: (view: string) => boolean,
): boolean {
  switch (rule) {
    case 'materialized-view':
      return command === 'SELECT'
    case 'view-owner-rights':
      return command === 'SELECT' || mayWrite(object)
    default:
      return true
  }
}

/** Why a cell is not proven, with the example that the prover found. */
export function unprovenReason({ reason, counterexample }: ProofResult): string {
  return counterexample === undefined
    ? `not proven: ${reason}`
    : `not proven: ${reason}; for example ${described(counterexample)}`
}

function described({ settings, rows }: Counterexample): string {
  const context = Object.entries(settings).map(
    ([name, value]) => `${name} ${value === null ? 'not set' : `= '${value}'`}`,
  )
  const shown = rows.map(({ relation, label, values }) => {
    const cells = Object.entries(values).map(([name, value]) => `${name} = ${value ?? 'NULL'}`)
    return `${label} of ${relation} (${cells.join(', ')})`
  })
  return [...context, ...shown].join('; ')
}
