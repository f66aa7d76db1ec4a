import type { AttackReport } from '../attack/run-attacks.js'
import { makeFinding } from '../findings/index.js'
import type { Finding } from '../findings/index.js'

const undeclared =
  ' The model does not name the role: declare what it is for, or bind it to a tenant.'

/** One finding per attack that got through, with the statement that shows it. */
export function attackFindings(report: AttackReport): Finding[] {
  const found = new Map<string, Finding>()
  for (const { object, related, role, roleKind, rank, attack, outcome } of report.results) {
    if (outcome.kind !== 'leak') continue
    const member = rank === undefined ? '' : `, by a user with ${rank}`
    const under =
      attack.context === 'none' ? 'without a context' : `under the context of one tenant${member}`
    const finding = makeFinding({
      rule: attack.id,
      severity: attack.severity ?? 'error',
      object,
      command: attack.command,
      role,
      related: [...(related ?? []), ...(outcome.related ?? [])],
      message: `As ${role}, ${under}, on ${object}: ${outcome.what}.${roleKind === 'undeclared' ? undeclared : ''}`,
      evidence: { statement: outcome.statement.text, roleKind },
    })
    found.set(finding.key, finding)
  }
  return [...found.values(), ...privilegeFindings(report)]
}

/** Who sees every tenant by design is said, and is no leak. */
function privilegeFindings({ privileged }: AttackReport): Finding[] {
  return privileged.map(({ name, power, tables }) =>
    makeFinding({
      rule: 'privileged-role',
      severity: 'info',
      object: `role ${name}`,
      related: [name],
      message: `${name}, which the model does not name, may log in and works on the rows of every tenant: ${power}.`,
      evidence: { power, tables },
    }),
  )
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
