import { makeFinding } from '../../findings/index.js'
import type { Finding, Severity } from '../../findings/index.js'
import type { Observation } from './observe.js'
import type { WorldDifference, WorldStatement } from './world-statement.js'

interface WorldRule {
  readonly id: string
  readonly title: string
  readonly severity: Severity
}

const rules: Readonly<Record<WorldDifference, WorldRule>> = {
  rows: {
    id: 'two-worlds-rows',
    title: 'What a tenant reads or reaches depends on rows of another tenant.',
    severity: 'error',
  },
  existence: {
    id: 'two-worlds-existence',
    title:
      'Whether a write succeeds depends on rows of another tenant, which tells that they exist.',
    severity: 'warning',
  },
  sequence: {
    id: 'two-worlds-sequence',
    title: 'Numbers of a shared sequence tell how much other tenants add.',
    severity: 'warning',
  },
}

/** What the two worlds find, for lists and `explain`. */
export const worldRules: readonly WorldRule[] = Object.values(rules)

/** The finding that a statement answers differently; its answers as counts and SQLSTATEs alone. */
export function worldFinding(
  role: string,
  { object, tells, what, sql }: WorldStatement,
  first: Observation,
  other: Observation,
): Finding {
  const { id, severity } = rules[tells]
  const answers =
    first.shown === other.shown
      ? `${first.shown}, but not the same`
      : `${first.shown} or ${other.shown}`
  return makeFinding({
    rule: id,
    severity,
    object,
    role,
    message: `As ${role}, in the context of one tenant, ${what} on ${object} answers differently when another tenant has other rows: ${answers}.`,
    evidence: { statement: sql.text, answers: [first.shown, other.shown] },
  })
}
