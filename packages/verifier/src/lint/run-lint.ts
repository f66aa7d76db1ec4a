import { loadParser } from '../expr/index.js'
import { makeFinding } from '../findings/index.js'
import type { Finding } from '../findings/index.js'
import { rules } from './registry.js'
import type { CatalogRule, LintInput } from './rule.js'

/** Findings of every catalog rule. A rule that fails says so, and the others still speak. */
export async function runLint(input: LintInput): Promise<Finding[]> {
  await loadParser()
  return rules.flatMap((rule) => (rule.kind === 'catalog' ? guarded(rule, input) : []))
}

function guarded(rule: CatalogRule, input: LintInput): readonly Finding[] {
  try {
    return rule.check(input)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [
      makeFinding({
        rule: rule.id,
        severity: 'warning',
        object: `database ${input.catalog.server.database}`,
        detail: 'failed',
        message: `Rule ${rule.id} failed on this database, so that what it looks for is not known: ${reason}.`,
        evidence: { reason },
        remedy: 'Report it with the definition of the object, and review the channel by hand.',
      }),
    ]
  }
}

/** Findings about the findings: suppressions that expired or match nothing. Pure. */
export function reviewFindings(input: LintInput, findings: readonly Finding[]): Finding[] {
  return rules.flatMap((rule) => (rule.kind === 'review' ? rule.review(input, findings) : []))
}
