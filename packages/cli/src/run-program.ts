import { WatertightError } from 'watertight/errors'
import type { CommandEnvironment } from './command-environment.js'
import { otherWords } from './commands/other-words.js'
import { commandEntries } from './commands/registry.js'
import { exitCodeByError } from './exit-codes.js'
import type { ExitCode } from './exit-codes.js'
import { didYouMean } from './flags/closest-word.js'
import { commandHelp, programHelp } from './flags/help.js'
import { parseFlags } from './flags/parse-flags.js'
import { errorDocument, errorText } from './report/error-report.js'
import { writeJson } from './report/json-output.js'
import { typedError } from './report/typed-error.js'
import { toolVersion } from './tool-version.js'

/**
 * Runs one command line and returns its exit code. Nothing is thrown: every error becomes a message
 * on stderr, with `--format json` also an object on stdout, and an exit code that is not 0.
 */
export async function runProgram(
  args: readonly string[],
  env: CommandEnvironment,
): Promise<ExitCode> {
  try {
    return await dispatch(args, env)
  } catch (error) {
    return reportError(error, args, env)
  }
}

async function dispatch(args: readonly string[], env: CommandEnvironment): Promise<ExitCode> {
  const [verb, ...rest] = args
  if (verb === '--version' || verb === '-V' || verb === 'version') {
    env.out.lines(await toolVersion())
    return 0
  }
  if (verb === undefined) {
    env.err.write(programHelp(commandEntries, env.err.style))
    return 64
  }
  if (verb === '--help' || verb === '-h' || verb === 'help') {
    if (verb === 'help' && rest[0] !== undefined) return dispatch([rest[0], '--help'], env)
    env.out.write(programHelp(commandEntries, env.out.style))
    return 0
  }
  const entry = commandEntries.find(({ name }) => name === verb)
  if (entry === undefined) throw unknownVerb(verb)
  const command = await entry.load()
  const { wantsHelp, input } = parseFlags(command, rest)
  if (wantsHelp) {
    env.out.write(commandHelp(command, env.out.style))
    return 0
  }
  return command.run(input, env)
}

function unknownVerb(verb: string): WatertightError {
  const known = commandEntries.map(({ name }) => name)
  const what = verb.startsWith('-') ? 'flag before the verb' : 'verb'
  const other = Object.hasOwn(otherWords, verb) ? otherWords[verb] : undefined
  const meant = other === undefined ? didYouMean(verb, known) : `; did you mean ${other}?`
  return new WatertightError('USAGE', `there is no ${what} ${verb}${meant}`, {
    object: verb,
    hint: 'See watertight --help.',
  })
}

function reportError(error: unknown, args: readonly string[], env: CommandEnvironment): ExitCode {
  const typed = typedError(error, env.signal.aborted)
  if (typed !== null) {
    env.err.write(errorText(typed, env.err.style))
    if (wantsJson(args)) writeJson(env.out, errorDocument(typed))
    return exitCodeByError[typed.code]
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  env.err.lines(`error[INTERNAL]: watertight did not foresee this:`, text)
  if (wantsJson(args)) {
    const message = error instanceof Error ? error.message : String(error)
    const nothing = { object: null, hint: null, problems: [] }
    writeJson(env.out, { error: { code: 'INTERNAL', message, ...nothing } })
  }
  return 70
}

/** Whether JSON was asked for, even on a command line that does not parse. */
function wantsJson(args: readonly string[]): boolean {
  return args.some(
    (argument, index) =>
      argument === '--format=json' || (argument === '--format' && args[index + 1] === 'json'),
  )
}
