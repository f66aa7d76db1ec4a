import type { Command } from '../commands/command.js'
import type { FlagSpec } from '../flags/flag-table.js'

/** What can stand in a place of a command line: nothing, one of these words, a file, or anything. */
export type Place = 'nothing' | 'file' | 'anything' | readonly string[]

/** A flag, without the leading dashes. */
export interface FlagWords {
  readonly name: string
  readonly summary: string
  readonly value: Place
  readonly isRepeatable: boolean
}

/** A verb, and what can follow it. */
export interface VerbWords {
  readonly name: string
  readonly summary: string
  readonly operands: Place
  readonly flags: readonly FlagWords[]
}

const help: FlagWords = {
  name: 'help',
  summary: 'Say more about the verb.',
  value: 'nothing',
  isRepeatable: false,
}

/** What shells complete, from the tables that are parsed by. */
export async function completedWords(commands: readonly Command[]): Promise<readonly VerbWords[]> {
  return Promise.all(
    commands.map(async ({ name, summary, operands, flags }) => ({
      name,
      summary,
      operands: (await operands.words?.()) ?? (operands.most === 0 ? 'nothing' : 'file'),
      flags: [
        ...Object.entries(flags).map(([flag, spec]) => ({
          name: flag,
          summary: spec.summary,
          value: valueOf(spec),
          isRepeatable: spec.kind === 'list',
        })),
        help,
      ],
    })),
  )
}

const filesAndFolders = ['FILE', 'DIR', 'PATH']

function valueOf(spec: FlagSpec): Place {
  if (spec.kind === 'switch') return 'nothing'
  if (spec.kind === 'choice') return spec.choices
  return filesAndFolders.includes(spec.value) ? 'file' : 'anything'
}

/** A text in single quotes, as zsh and bash read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
