import { Readable } from 'node:stream'
import type { ExitCode } from '../exit-codes.js'
import { runProgram } from '../run-program.js'
import { createScreen } from '../terminal/screen.js'
import type { Variables } from '../terminal/style.js'

/** What a command line did. */
export interface CliRun {
  readonly exit: ExitCode
  readonly stdout: string
  readonly stderr: string
}

/** Where a command line runs. */
export interface CliPlace {
  readonly cwd?: string
  readonly variables?: Variables
  readonly stdin?: string
  readonly signal?: AbortSignal
}

/** Runs a command line in this process, without a terminal and without this process's variables. */
export async function runCli(args: readonly string[], place: CliPlace = {}): Promise<CliRun> {
  const { cwd = '/', variables = {}, stdin = '', signal = new AbortController().signal } = place
  let stdout = ''
  let stderr = ''
  const exit = await runProgram(args, {
    cwd,
    variables,
    stdin: Readable.from([Buffer.from(stdin)]),
    out: createScreen({ write: (text) => (stdout += text) }, variables),
    err: createScreen({ write: (text) => (stderr += text) }, variables),
    signal,
  })
  return { exit, stdout, stderr }
}
