import type { Finding } from '../findings/index.js'
import { rules } from './registry.js'
import type { LintInput } from './rule.js'

/** Findings of every catalog rule. Pure. */
export function runLint(input: LintInput): Finding[] {
  return rules.flatMap((rule) => (rule.kind === 'catalog' ? rule.check(input) : []))
}

/** Findings about the findings: suppressions that expired or match nothing. Pure. */
export function reviewFindings(input: LintInput, findings: readonly Finding[]): Finding[] {
  return rules.flatMap((rule) => (rule.kind === 'review' ? rule.review(input, findings) : []))
}
