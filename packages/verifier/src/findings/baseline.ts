import { WatertightError } from 'watertight/errors'
import type { Problem } from 'watertight/errors'
import type { CheckResult } from './check-result.js'
import type { Finding } from './finding.js'
import { compareSeverity, severities } from './severity.js'
import type { Severity } from './severity.js'

/** Identifies the file of a {@link Baseline}. */
export const baselineSchemaId = 'watertight.baseline/1'

/** Findings that were there when checking began: listed, while new ones fail. */
export interface Baseline {
  readonly schema: typeof baselineSchemaId
  /** When it was written, ISO 8601 in UTC. */
  readonly writtenAt: string
  readonly findings: readonly BaselineEntry[]
}

/** One known finding. A finding that became worse than this is new. */
export interface BaselineEntry {
  readonly key: string
  readonly severity: Severity
}

/** The baseline that knows every finding of a result. */
export function baselineOf(result: CheckResult): Baseline {
  const known = new Map<string, BaselineEntry>()
  for (const { key, severity } of [...result.findings, ...result.baselined]) {
    known.set(key, { key, severity })
  }
  const findings = [...known.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return { schema: baselineSchemaId, writtenAt: result.startedAt, findings }
}

/** The result with the findings that the baseline knows moved aside; coverage stays as it is. */
export function applyBaseline(result: CheckResult, baseline: Baseline): CheckResult {
  const known = new Map(baseline.findings.map(({ key, severity }) => [key, severity]))
  const isKnown = (finding: Finding): boolean => {
    const severity = known.get(finding.key)
    return severity !== undefined && compareSeverity(severity, finding.severity) <= 0
  }
  const findings = result.findings.filter((finding) => !isKnown(finding))
  const baselined = [...result.baselined, ...result.findings.filter(isKnown)]
  const count = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity).length
  return {
    ...result,
    findings,
    baselined,
    summary: {
      ...result.summary,
      errors: count('error'),
      warnings: count('warning'),
      infos: count('info'),
      baselined: baselined.length,
    },
  }
}

/**
 * Reads what {@link baselineOf} made.
 *
 * @throws INVALID_INPUT with every fault and its path.
 */
export function parseBaseline(value: unknown): Baseline {
  const problems: Problem[] = []
  const fields = isFields(value) ? value : {}
  if (fields['schema'] !== baselineSchemaId) {
    problems.push({ path: 'schema', message: `is not ${baselineSchemaId}` })
  }
  const writtenAt = fields['writtenAt']
  if (typeof writtenAt !== 'string') problems.push({ path: 'writtenAt', message: 'is no text' })
  const list: readonly unknown[] = Array.isArray(fields['findings']) ? fields['findings'] : []
  if (!Array.isArray(fields['findings'])) problems.push({ path: 'findings', message: 'is no list' })
  const findings = list.flatMap((entry, index) => {
    const { key, severity } = isFields(entry) ? entry : {}
    const known = severities.find((each) => each === severity)
    if (typeof key === 'string' && known !== undefined) return [{ key, severity: known }]
    problems.push({ path: `findings[${index}]`, message: 'lacks a key or a severity' })
    return []
  })
  if (problems.length > 0 || typeof writtenAt !== 'string') {
    throw new WatertightError('INVALID_INPUT', 'this is no baseline of watertight check', {
      problems,
      hint: 'Write one: watertight check --write-baseline.',
    })
  }
  return { schema: baselineSchemaId, writtenAt, findings }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
