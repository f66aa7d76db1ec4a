import type { Command } from '../commands/command.js'
import type { Style } from '../terminal/style.js'
import { wrap } from '../terminal/wrap.js'
import { placeholder } from './parse-flags.js'

/** The help of one command: two examples first, at most 40 lines on 80 columns. */
export function commandHelp(command: Command, style: Style): string {
  const width = Math.min(style.width, 100)
  const lines = [`${style.bold(`watertight ${command.name}`)}: ${command.summary}`, '']
  for (const { line, does } of command.examples) {
    lines.push(`  ${style.cyan(line)}`, wrap(does, width, '      '))
  }
  const usage = ['watertight', command.name, command.operands.usage, '[flags]']
  lines.push('', `Usage: ${usage.filter((part) => part !== '').join(' ')}`)
  if (command.operands.summary !== '') lines.push(wrap(command.operands.summary, width, '  '))
  lines.push('', ...flagLines(command, style, width), '')
  lines.push(wrap(`Exit codes: ${command.exits}`, width))
  return `${lines.join('\n')}\n`
}

function flagLines(command: Command, style: Style, width: number): string[] {
  const rows = Object.entries(command.flags).map(([name, spec]) => ({
    flag: `--${name} ${placeholder(spec)}`.trimEnd(),
    summary: spec.summary,
  }))
  const column = Math.min(26, Math.max(...rows.map(({ flag }) => flag.length)) + 2)
  return rows.map(({ flag, summary }) => {
    const body = wrap(summary, width, ' '.repeat(column + 2)).trimStart()
    const isLong = flag.length + 2 > column
    const gap = isLong ? `\n${' '.repeat(column + 2)}` : ' '.repeat(column - flag.length)
    return `  ${style.bold(flag)}${gap}${body}`
  })
}

/** The help of the program. */
export function programHelp(
  commands: readonly { readonly name: string; readonly summary: string }[],
  style: Style,
): string {
  const column = Math.max(...commands.map(({ name }) => name.length)) + 2
  return `${[
    `${style.bold('watertight')}: tenant isolation for PostgreSQL, declared, enforced and checked`,
    '',
    `  ${style.cyan('watertight check postgres://localhost/acme')}`,
    '      What isolates the tenants of a database, and what does not.',
    `  ${style.cyan('watertight dev --migrations ./migrations')}`,
    '      A local PostgreSQL with your tables and the isolation layer on them.',
    '',
    'Usage: watertight VERB [arguments] [flags]',
    '',
    ...commands.map(({ name, summary }) => `  ${style.bold(name.padEnd(column))}${summary}`),
    '',
    'watertight VERB --help says more about one; --version prints the version.',
    'Exit codes: 0 holds, 1 findings, drift or denied, 2 changes pending, 3 not checkable,',
    '4 refused, 64 usage, 69 server, 70 internal, 130 interrupted. See watertight explain CODE.',
  ].join('\n')}\n`
}
