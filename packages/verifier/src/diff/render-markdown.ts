import { printable } from '../report/style.js'
import type { DiffExample, DiffResult } from './diff-result.js'
import { byImportance, lastLine, tellFacts } from './report-order.js'

/** The comparison as a comment for a pull request. */
export function renderDiffMarkdown(result: DiffResult): string {
  const lines = [
    '### What the policies allow now',
    '',
    `${escaped(lastLine(result))}.`,
    '',
    `A is ${code(result.before.name)} on PostgreSQL ${escaped(result.before.version)}, B is ${code(result.after.name)} on PostgreSQL ${escaped(result.after.version)}.`,
  ]
  const groups = byImportance(result.cells).filter(([first]) => first?.verdict !== 'same')
  if (groups.length > 0) {
    lines.push('', '| | relation | role | commands | why |', '|---|---|---|---|---|')
    for (const group of groups) {
      const [first] = group
      if (first === undefined) continue
      const commands = group.map(({ command }) => command).join(', ')
      lines.push(
        `| **${first.verdict}** | ${code(first.object)} | ${code(first.role)} | ${commands} | ${escaped(first.reason)} |`,
      )
    }
    for (const group of groups) {
      const [first] = group
      if (first === undefined || (first.wider === null && first.narrower === null)) continue
      lines.push('', `<details><summary>${first.verdict} ${escaped(first.object)}</summary>`, '')
      if (first.wider !== null) lines.push(...exampleLines('B allows, A does not', first.wider))
      if (first.narrower !== null) {
        lines.push(...exampleLines('A allowed, B does not', first.narrower))
      }
      lines.push('', '</details>')
    }
  }
  const facts = tellFacts(result)
  if (facts.length > 0) {
    lines.push('', '| effect | beside the policies |', '|---|---|')
    for (const { effect, message } of facts) lines.push(`| ${effect} | ${escaped(message)} |`)
  }
  return `${lines.join('\n')}\n`
}

function exampleLines(title: string, { settings, rows, replayed, note }: DiffExample): string[] {
  const lines = [`${title}${replayed ? ', seen on both servers' : ''}:`, '']
  for (const [name, value] of Object.entries(settings)) {
    lines.push(`- setting ${code(name)} ${value === null ? 'is not set' : `is ${code(value)}`}`)
  }
  for (const { relation, label, values } of rows) {
    const cells = Object.entries(values).map(([name, value]) => `${name} = ${value ?? 'NULL'}`)
    lines.push(
      `- ${escaped(label)} of ${code(relation)}: ${code(cells.join(', ') || 'any values')}`,
    )
  }
  lines.push(`- ${code(note)}`)
  return lines
}

/** Names come from a database: nothing in them may become markup or another cell. */
function escaped(text: string): string {
  return printable(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>|#@!~&]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`
}
