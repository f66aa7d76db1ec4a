import type { Command } from '../commands/command.js'
import { exitCodes } from '../exit-codes.js'
import { placeholder } from './parse-flags.js'

/** `docs/cli.md`: the reference of all verbs, made from their flag tables. */
export function commandDocs(commands: readonly Command[]): string {
  return [
    '# The command line',
    '<!-- Made from the flag tables of packages/cli/src/commands; a test holds the two equal. -->',
    [
      '`watertight VERB [arguments] [flags]`. Data goes to stdout, everything else to stderr. With',
      '`--format json` stdout holds exactly one JSON document: the result, or on an error',
      '`{"error": {"code", "message", "object", "hint", "problems"}}`; the message for people is on stderr',
      'all the same. Nothing is asked unless stdin and stderr are terminals, and consent to a hazard is',
      'given by `--allow` alone, never by an answer, a configuration file or `--yes`.',
    ].join('\n'),
    [
      'The database is the argument `URL`, else `--url`, `DATABASE_URL_MIGRATOR`, `DATABASE_URL`, or the',
      '`PG*` variables, `PGSERVICE` included. Keep the password out of the process list: `PGPASSWORD` or `~/.pgpass` supply it.',
    ].join('\n'),
    '## Exit codes',
    Object.entries(exitCodes)
      .map(([code, meaning]) => `- \`${code}\`: ${meaning}`)
      .join('\n'),
    ...commands.flatMap(commandSection),
  ]
    .join('\n\n')
    .concat('\n')
}

function commandSection(command: Command): string[] {
  const { name, summary, examples, operands, flags, exits } = command
  const usage = ['watertight', name, operands.usage, '[flags]'].filter((part) => part !== '')
  return [
    `## watertight ${name}`,
    `${sentence(summary)} Usage: \`${usage.join(' ')}\`. ${operands.summary}`.trimEnd(),
    ['```sh', ...examples.flatMap(({ line, does }) => [`# ${does}`, line]), '```'].join('\n'),
    Object.entries(flags)
      .map(([flag, spec]) => `- \`--${`${flag} ${placeholder(spec)}`.trimEnd()}\`: ${spec.summary}`)
      .join('\n'),
    `Exit codes: ${exits}`,
  ]
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}
