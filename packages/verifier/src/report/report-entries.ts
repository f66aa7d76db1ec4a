import type { CheckResult, CoverageRow, Finding } from '../findings/index.js'

/** A finding and whether it counts. */
export interface ReportEntry {
  readonly finding: Finding
  readonly status: 'new' | 'baselined' | 'accepted'
  /** Why it does not count: the reason and the date until which it is accepted, or the baseline. */
  readonly justification: string | null
}

/** Every finding of a result: those that count, then the baseline's, then accepted ones. */
export function reportEntries(result: CheckResult): readonly ReportEntry[] {
  return [
    ...result.findings.map((finding) => entry(finding, 'new', null)),
    ...result.baselined.map((finding) => entry(finding, 'baselined', 'known to the baseline')),
    ...result.accepted.map(({ finding, reason, until }) =>
      entry(finding, 'accepted', `accepted until ${until}: ${reason}`),
    ),
  ]
}

function entry(
  finding: Finding,
  status: ReportEntry['status'],
  justification: string | null,
): ReportEntry {
  return { finding, status, justification }
}

/** Why a leaking cell does not count; null when it does. */
export function excuseOf(row: CoverageRow, entries: readonly ReportEntry[]): string | null {
  const about = entries.filter(
    ({ finding }) =>
      finding.severity === 'error' &&
      finding.evidence.objects.includes(row.object) &&
      (finding.command === null || finding.command === row.command) &&
      (finding.role === null || finding.role === row.role),
  )
  const counts = about.some(({ status }) => status === 'new')
  return counts ? null : (about[0]?.justification ?? null)
}

/** Why cells have no answer, most frequent reason first, with the cells. */
export function unknownReasons(coverage: readonly CoverageRow[]): readonly UnknownReason[] {
  return grouped(coverage, ({ reason }) => reason)
}

/**
 * The same by cause, for who reads all at once: cells of one cause differ in the example that the
 * solver found and in how far the probes came.
 */
export function unknownCauses(coverage: readonly CoverageRow[]): readonly UnknownReason[] {
  return grouped(coverage, ({ reason }) =>
    reason.replace(/; (for example |\d+ of \d+ probes were refused|not probed:).*$/s, ''),
  ).map(({ reason, rows }) => {
    const [only] = rows
    return { reason: rows.length === 1 && only !== undefined ? only.reason : reason, rows }
  })
}

/** One reason, and the cells that have it. */
interface UnknownReason {
  readonly reason: string
  readonly rows: readonly CoverageRow[]
}

function grouped(
  coverage: readonly CoverageRow[],
  reasonOf: (row: CoverageRow) => string,
): readonly UnknownReason[] {
  const groups = new Map<string, CoverageRow[]>()
  for (const row of coverage) {
    if (row.verdict !== 'unknown') continue
    const reason = reasonOf(row)
    const group = groups.get(reason)
    if (group === undefined) groups.set(reason, [row])
    else group.push(row)
  }
  return [...groups]
    .map(([reason, rows]) => ({ reason, rows }))
    .toSorted((a, b) => b.rows.length - a.rows.length)
}
