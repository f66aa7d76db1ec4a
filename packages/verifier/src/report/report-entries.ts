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
export function unknownReasons(
  coverage: readonly CoverageRow[],
): readonly { readonly reason: string; readonly rows: readonly CoverageRow[] }[] {
  const groups = new Map<string, CoverageRow[]>()
  for (const row of coverage) {
    if (row.verdict !== 'unknown') continue
    const group = groups.get(row.reason)
    if (group === undefined) groups.set(row.reason, [row])
    else group.push(row)
  }
  return [...groups]
    .map(([reason, rows]) => ({ reason, rows }))
    .toSorted((a, b) => b.rows.length - a.rows.length)
}
