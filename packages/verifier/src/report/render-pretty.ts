import type { CheckResult, Finding, Severity } from '../findings/index.js'
import { coverageTable } from './coverage-table.js'
import { painter, printable, wrap } from './style.js'
import type { RenderOptions, Tone } from './style.js'

const tones: Readonly<Record<Severity, Tone>> = { error: 'red', warning: 'yellow', info: 'dim' }

/** The report for people: coverage first, then findings worst first, the verdict on the last line. */
export function renderPretty(result: CheckResult, options: RenderOptions): string {
  const paint = painter(options)
  const lines = [
    `${result.tool.name} ${result.tool.version}, PostgreSQL ${printable(result.server.version)}`,
    ...inferredLines(result, options),
    '',
    paint('bold', 'Coverage'),
    ...coverageTable(result.coverage, options),
    ...unknownLines(result, options),
  ]
  const shown = result.findings.filter((finding) => finding.severity !== 'info')
  for (const finding of shown) lines.push('', ...findingLines(finding, options))
  const { summary } = result
  lines.push('')
  if (summary.infos > 0)
    lines.push(`${count(summary.infos, 'hint')} not shown; --format json has all`)
  if (summary.accepted > 0)
    lines.push(`${count(summary.accepted, 'finding')} accepted by the model`)
  if (summary.sequencesMoved.length > 0) {
    const moved = summary.sequencesMoved.map(printable).join(', ')
    lines.push(`sequences that the probes moved: ${moved}`)
  }
  lines.push(lastLine(result, options))
  return `${lines.join('\n')}\n`
}

function inferredLines(result: CheckResult, options: RenderOptions): string[] {
  const { inferred } = result.model
  if (inferred.length === 0) return []
  const text = `inferred, not declared: ${inferred.map(printable).join(', ')}`
  return wrap(text, options.width, '')
}

/** Why things are unknown, most frequent reason first. */
function unknownLines(result: CheckResult, options: RenderOptions): string[] {
  const reasons = new Map<string, number>()
  for (const row of result.coverage) {
    if (row.verdict !== 'unknown') continue
    reasons.set(row.reason, (reasons.get(row.reason) ?? 0) + 1)
  }
  if (reasons.size === 0) return []
  const sorted = [...reasons].toSorted(([, a], [, b]) => b - a)
  const lines = sorted
    .slice(0, 8)
    .flatMap(([reason, times]) => wrap(`${times} × ${printable(reason)}`, options.width, '  '))
  const rest = sorted.slice(8).reduce((sum, [, times]) => sum + times, 0)
  if (rest > 0) lines.push(`  ${rest} × other reasons`)
  const text = lines.map((line) => (options.unicode ? line : line.replace('×', 'x')))
  return ['', painter(options)('bold', 'Not proven, because'), ...text]
}

function findingLines(finding: Finding, options: RenderOptions): string[] {
  const paint = painter(options)
  const head = `${paint(tones[finding.severity], `${finding.severity}[${finding.rule}]`)} ${paint('bold', printable(finding.object))}`
  const lines = [head, ...wrap(printable(finding.message), options.width, '  ')]
  const { statement } = finding.evidence
  if (statement !== undefined) lines.push(`  shown by: ${printable(statement)}`)
  if (finding.fix !== null) {
    lines.push('  fix:')
    for (const line of finding.fix.sql.split('\n')) {
      lines.push(paint('green', `    + ${printable(line)}`))
    }
  }
  lines.push(paint('dim', `  ${finding.docs}  key ${printable(finding.key)}`))
  return lines
}

function lastLine(result: CheckResult, options: RenderOptions): string {
  const { summary } = result
  const paint = painter(options)
  const checked = result.coverage.length - summary.notApplicable
  const counts = [
    count(summary.errors, 'error'),
    count(summary.warnings, 'warning'),
    `${summary.proven} of ${checked} proven`,
    `${summary.leak} leaking`,
    `${summary.unknown} unknown`,
  ].join(', ')
  const first = result.findings[0]
  if (summary.errors > 0 && first !== undefined) {
    return `${paint('red', `does not hold: ${counts}`)}; next: watertight explain ${first.rule}`
  }
  if (summary.unknown > 0 || result.coverage.length === 0) {
    return `${paint('yellow', `not proven: ${counts}`)}; next: watertight check --format json`
  }
  if (summary.leak > 0) return paint('yellow', `holds but for accepted leaks: ${counts}`)
  return `${paint('green', `holds: ${counts}`)}; next: watertight status`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
