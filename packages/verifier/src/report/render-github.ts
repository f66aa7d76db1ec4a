import type { CheckResult, Severity } from '../findings/index.js'
import { headline } from './headline.js'
import type { ReportContext } from './report-context.js'
import { unknownReasons } from './report-entries.js'
import { printable } from './style.js'

/** GitHub shows this many annotations of each level in a step; the rest is only in the log. */
const mostAnnotations = 10

const commands: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
}

/**
 * The result as workflow commands of GitHub Actions, worst first: annotations as far as GitHub shows
 * them, the others as lines of the log, the verdict last.
 */
export function renderGithub(result: CheckResult, context: ReportContext = {}): string {
  const shown: Record<string, number> = {}
  const lines: string[] = []
  const annotate = (
    level: string,
    title: string,
    message: string,
    properties: Readonly<Record<string, string>> = {},
  ): void => {
    const used = shown[level] ?? 0
    shown[level] = used + 1
    if (used >= mostAnnotations) {
      lines.push(logLine(`${level}: ${title}: ${message}`))
      return
    }
    const all = Object.entries({ ...properties, title }).map(
      ([name, value]) => `${name}=${escapeProperty(value)}`,
    )
    lines.push(`::${level} ${all.join(',')}::${escapeData(message)}`)
  }
  for (const finding of result.findings) {
    if (finding.severity === 'info') continue
    const place = context.placeOf?.(finding.object) ?? null
    const fix = finding.fix === null ? '' : `\nfix: ${finding.fix.sql}`
    const remedy = finding.remedy === null ? '' : `\nremedy: ${finding.remedy}`
    annotate(
      commands[finding.severity],
      `${finding.rule}: ${finding.object}`,
      `${finding.message}${fix}${remedy}\n${finding.docs}`,
      place === null
        ? {}
        : { file: place.file, line: String(place.line), col: String(place.column) },
    )
  }
  for (const { stage, state, reason } of result.stages) {
    if (state === 'impossible') annotate('warning', `watertight: ${stage} did not run`, reason)
  }
  for (const { reason, rows } of unknownReasons(result.coverage)) {
    annotate('warning', 'watertight: not proven', `${rows.length} cells: ${reason}`)
  }
  for (const { finding, reason, until } of result.accepted) {
    lines.push(logLine(`accepted until ${until} (${reason}): ${finding.key}`))
  }
  for (const { key } of result.baselined) lines.push(logLine(`in the baseline: ${key}`))
  const { verdict, counts } = headline(result)
  return `${[...lines, logLine(`watertight: ${verdict}: ${counts}`)].join('\n')}\n`
}

// SECURITY: the runner obeys `::command::` at the start of a line and `##[command]` anywhere in it.
function logLine(text: string): string {
  return `- ${printable(text).replaceAll('##[', '# #[')}`
}

function escapeData(text: string): string {
  return clean(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** Control characters but line breaks replaced. */
function clean(text: string): string {
  return text.split('\n').map(printable).join('\n').replaceAll('##[', '# #[')
}
