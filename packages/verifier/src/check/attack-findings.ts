import type { AttackReport } from '../attack/run-attacks.js'
import { makeFinding } from '../findings/index.js'
import type { Finding } from '../findings/index.js'

/** One finding per attack that got through, with the statement that shows it. */
export function attackFindings(report: AttackReport): Finding[] {
  const found = new Map<string, Finding>()
  for (const { object, related, role, roleKind, attack, outcome } of report.results) {
    if (outcome.kind !== 'leak') continue
    const finding = makeFinding({
      rule: attack.id,
      severity: 'error',
      object,
      command: attack.command,
      role,
      related: [...(related ?? []), ...(outcome.related ?? [])],
      message: `As ${role}, ${attack.context === 'none' ? 'without a context' : 'under the context of one tenant'}, on ${object}: ${outcome.what}.`,
      evidence: { statement: outcome.statement.text, roleKind },
    })
    found.set(finding.key, finding)
  }
  return [...found.values()]
}

/** Sequences that moved are the one thing that a rollback leaves behind. */
export function sequenceFindings(report: AttackReport): Finding[] {
  return report.sequencesMoved.map((object) =>
    makeFinding({
      rule: 'sequence-moved',
      severity: 'info',
      object,
      message: `${object} moved while the probes ran; a rollback does not turn a sequence back.`,
    }),
  )
}
