import { painter, printable, wrap } from '../report/style.js'
import type { RenderOptions, Tone } from '../report/style.js'
import type { DiffExample, DiffResult, DiffVerdict } from './diff-result.js'
import { byImportance, lastLine, openFacts, tellFacts } from './report-order.js'

const tones: Readonly<Record<DiffVerdict, Tone>> = {
  wider: 'red',
  both: 'red',
  unknown: 'yellow',
  narrower: 'green',
  same: 'dim',
}

/** The comparison for people: what is wider first, the count on the last line. */
export function renderDiffPretty(result: DiffResult, options: RenderOptions): string {
  const paint = painter(options)
  const { before, after } = result
  const lines = [
    `${result.tool.name} ${result.tool.version}`,
    `  A ${printable(before.name)} (PostgreSQL ${printable(before.version)})`,
    `  B ${printable(after.name)} (PostgreSQL ${printable(after.version)})`,
  ]
  for (const group of byImportance(result.cells)) {
    const [first] = group
    if (first === undefined || first.verdict === 'same') continue
    const commands = group.map(({ command }) => command).join(', ')
    const head = `${first.verdict} ${first.object}`
    lines.push(
      '',
      `${paint(tones[first.verdict], printable(head))} ${commands} as ${printable(first.role)}`,
    )
    lines.push(...wrap(printable(first.reason), options.width, '  '))
    for (const [title, example] of [
      ['B allows, A does not', first.wider],
      ['A allowed, B does not', first.narrower],
    ] as const) {
      if (example !== null) lines.push(...exampleLines(title, example, options))
    }
  }
  const told = tellFacts(result)
  if (told.length > 0) {
    lines.push('', paint('bold', 'Beside the policies'))
    for (const { message, effect } of told) {
      const tone: Tone = effect === 'widens' ? 'red' : effect === 'unknown' ? 'yellow' : 'dim'
      const [start, ...rest] = wrap(printable(message), options.width - 11, '')
      lines.push(`  ${paint(tone, effect.padEnd(8))} ${start ?? ''}`)
      lines.push(...rest.map((line) => `           ${line}`))
    }
  }
  const tone: Tone = openFacts(result) ? 'red' : 'green'
  lines.push('', paint(tone, lastLine(result)))
  return `${lines.join('\n')}\n`
}

function exampleLines(title: string, example: DiffExample, options: RenderOptions): string[] {
  const how = example.replayed ? 'seen on both servers' : 'not seen on the servers'
  const lines = [`  ${title} (${how}):`]
  for (const [name, value] of Object.entries(example.settings)) {
    lines.push(
      `    setting ${printable(name)} ${value === null ? 'is not set' : `= ${quoted(value)}`}`,
    )
  }
  for (const { relation, label, values } of example.rows) {
    const cells = Object.entries(values).map(([name, value]) => `${name} = ${quoted(value)}`)
    const shown = cells.length === 0 ? 'any values' : cells.join(', ')
    lines.push(...wrap(printable(`${label} of ${relation}: ${shown}`), options.width, '    '))
  }
  lines.push(...wrap(printable(example.note), options.width, '    '))
  return lines
}

function quoted(value: string | null): string {
  return value === null ? 'NULL' : JSON.stringify(value)
}
