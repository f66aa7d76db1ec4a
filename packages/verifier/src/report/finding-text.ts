import type { Finding, Severity } from '../findings/index.js'
import type { ReportContext } from './report-context.js'
import { linked, painter, printable, wrap } from './style.js'
import type { RenderOptions, Tone } from './style.js'

const tones: Readonly<Record<Severity, Tone>> = { error: 'red', warning: 'yellow', info: 'dim' }

/**
 * A finding as a compiler would say it: code and cause, the object and its place, the statement that
 * shows it, why it leaks, the fix, where to read on.
 */
export function findingText(
  finding: Finding,
  options: RenderOptions,
  { titles, placeOf }: ReportContext,
): string[] {
  const paint = painter(options)
  const { width } = options
  const code = `${finding.severity}[${finding.rule}]`
  const [first = '', ...more] = wrap(`${code}: ${printable(finding.message)}`, width, '')
  const place = placeOf?.(finding.object) ?? null
  const where = [
    printable(finding.object),
    ...(finding.command === null ? [] : [finding.command]),
    ...(finding.role === null ? [] : [`as ${printable(finding.role)}`]),
  ].join(', ')
  const at = place === null ? '' : ` (${printable(place.file)}:${place.line}:${place.column})`
  const title = titles?.get(finding.rule)
  const { statement } = finding.evidence
  const lines = [
    first.replace(code, paint(tones[finding.severity], code)),
    ...more,
    `  ${paint('dim', '-->')} ${paint('bold', where)}${at}`,
  ]
  if (statement !== undefined) lines.push(...note('shown by', printable(statement), width))
  if (title !== undefined) lines.push(...note('why', title, width))
  if (finding.fix !== null) {
    lines.push('   = fix:')
    for (const line of finding.fix.sql.split('\n')) {
      lines.push(paint('green', `     + ${printable(line)}`))
    }
  }
  if (finding.remedy !== null) lines.push(...note('remedy', printable(finding.remedy), width))
  lines.push(
    `   = ${paint('dim', 'docs:')} ${linked(finding.docs, options)}`,
    `   = ${paint('dim', 'key:')} ${printable(finding.key)}`,
  )
  return lines
}

function note(name: string, text: string, width: number): string[] {
  const [first = '', ...more] = wrap(text, width, ' '.repeat(name.length + 7))
  return [`   = ${name}: ${first.trimStart()}`, ...more]
}
