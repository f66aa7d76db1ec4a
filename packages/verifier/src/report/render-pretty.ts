import type { CheckResult } from '../findings/index.js'
import { provesNothing } from '../findings/index.js'
import { coverageTable } from './coverage-table.js'
import { findingText } from './finding-text.js'
import { count, headline, lacksRoles } from './headline.js'
import type { ReportContext } from './report-context.js'
import { assumptionText, classText, sourceText, unknownText } from './run-text.js'
import { painter, printable, wrap } from './style.js'
import type { RenderOptions, Tone } from './style.js'

/** How the report looks and how much of it there is. */
export interface PrettyOptions extends RenderOptions, ReportContext {
  /** Every source of tenant data with the way to it, not only those without a proven gate. */
  readonly graph?: boolean
}

/** The report for people: coverage first, then findings worst first, the verdict on the last line. */
export function renderPretty(result: CheckResult, options: PrettyOptions): string {
  const paint = painter(options)
  const lines = [
    `${result.tool.name} ${result.tool.version}, PostgreSQL ${printable(result.server.version)}`,
    ...inferredLines(result, options),
    '',
    paint('bold', 'Coverage'),
    ...coverageTable(result.coverage, options),
    ...unknownText(result, options),
    ...assumptionText(result, options),
    ...classText(result, options),
    ...sourceText(result, options),
  ]
  for (const finding of result.findings) {
    if (finding.severity !== 'info') lines.push('', ...findingText(finding, options, options))
  }
  lines.push('', ...excusedLines(result, options), ...closingLines(result))
  lines.push(lastLine(result, options))
  return `${lines.join('\n')}\n`
}

function inferredLines(result: CheckResult, options: RenderOptions): string[] {
  const { inferred } = result.model
  if (inferred.length === 0) return []
  const text = `inferred, not declared: ${inferred.map(printable).join(', ')}`
  return wrap(text, options.width, '')
}

/** Findings that do not count, one line each: they are never hidden. */
function excusedLines(result: CheckResult, options: RenderOptions): string[] {
  const paint = painter(options)
  return [
    ...result.baselined.map(
      ({ severity, key }) => `${paint('yellow', `${severity} in the baseline`)} ${printable(key)}`,
    ),
    ...result.accepted.map(
      ({ finding, reason, until }) =>
        `${paint('yellow', `${finding.severity} accepted until ${until}`)} ${printable(finding.key)}: ${printable(reason)}`,
    ),
  ]
}

function closingLines({ summary }: CheckResult): string[] {
  const lines: string[] = []
  if (summary.infos > 0)
    lines.push(`${count(summary.infos, 'hint')} not shown; --format json has all`)
  if (summary.sequencesMoved.length > 0) {
    const moved = summary.sequencesMoved.map(printable).join(', ')
    lines.push(`sequences that the probes moved: ${moved}`)
  }
  return lines
}

const tones: Readonly<Record<ReturnType<typeof headline>['state'], Tone>> = {
  fails: 'red',
  open: 'yellow',
  holds: 'green',
}

function lastLine(result: CheckResult, options: RenderOptions): string {
  const { state, verdict, counts } = headline(result)
  const text = painter(options)(tones[state], `${verdict}: ${counts}`)
  return `${text}; next: ${nextCommand(result, state)}`
}

function nextCommand(result: CheckResult, state: ReturnType<typeof headline>['state']): string {
  const [first] = result.findings
  if (state === 'fails' && first !== undefined) return `watertight explain ${first.rule}`
  if (lacksRoles(result)) return 'watertight plan'
  if (state === 'holds' || provesNothing(result)) return 'watertight status'
  return result.summary.unknown > 0
    ? 'watertight check --format json'
    : 'watertight check --report html=evidence.html'
}
