import { WatertightError } from 'watertight/errors'
import type { CommandEnvironment } from '../command-environment.js'
import { bashCompletion } from '../completion/bash.js'
import type { VerbWords } from '../completion/completed-words.js'
import { completedWords } from '../completion/completed-words.js'
import { fishCompletion } from '../completion/fish.js'
import { zshCompletion } from '../completion/zsh.js'
import type { ExitCode } from '../exit-codes.js'
import { didYouMean } from '../flags/closest-word.js'
import type { CommandInput } from '../flags/flag-table.js'
import { outputFlags } from '../flags/shared-flags.js'
import { writeJson } from '../report/json-output.js'
import type { Command } from './command.js'

type Flags = typeof outputFlags

const shells: Readonly<Record<string, (verbs: readonly VerbWords[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** The `completion` verb, for the verbs that `commands` loads. */
export function completionCommand(commands: () => Promise<readonly Command[]>): Command<Flags> {
  return { ...described, run: (input, env) => completion(input, env, commands) }
}

/**
 * Writes the script by which a shell completes verbs, flags and their values. It holds them all, so
 * completing starts no process.
 *
 * @throws USAGE for another shell.
 */
async function completion(
  input: CommandInput<Flags>,
  env: CommandEnvironment,
  commands: () => Promise<readonly Command[]>,
): Promise<ExitCode> {
  const name = input.operands?.[0] ?? ''
  const scriptOf = Object.hasOwn(shells, name) ? shells[name] : undefined
  if (scriptOf === undefined) {
    const meant = didYouMean(name, Object.keys(shells))
    throw new WatertightError('USAGE', `there are no completions for ${name}${meant}`, {
      object: name,
      hint: 'Write watertight completion bash, zsh or fish.',
    })
  }
  const script = scriptOf(await completedWords(await commands()))
  if (input.format === 'json') writeJson(env.out, { shell: name, script })
  else env.out.write(script)
  return 0
}

const described: Omit<Command<Flags>, 'run'> = {
  name: 'completion',
  summary: 'write a script that completes command lines in your shell',
  examples: [
    {
      line: 'watertight completion bash >> ~/.bashrc',
      does: 'Completes in every bash from now on; zsh after compinit in ~/.zshrc.',
    },
    { line: 'watertight completion fish | source', does: 'Completes in this fish.' },
  ],
  operands: {
    usage: 'bash | zsh | fish',
    summary: 'The shell; write the script anew after an update of watertight.',
    least: 1,
    most: 1,
    words: () => Object.keys(shells),
  },
  flags: outputFlags,
  exits: '0 written, 64 usage.',
}
