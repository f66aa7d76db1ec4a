import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../../../deploy/bundle.mjs'

/** Programs of the platform, by the name of their source. */
export type ProgramName = 'migrate' | 'server' | 'worker' | 'eraser'

/** Programs of the platform, built from the sources. */
export interface Programs {
  /** Paths of the modules that are in them. */
  readonly modules: readonly string[]
  /** Starts one with these variables alone. */
  start(
    name: ProgramName,
    variables: Readonly<Record<string, string>>,
    args?: readonly string[],
  ): ProgramProcess
  remove(): Promise<void>
}

/** A program of a test, running. */
export interface ProgramProcess {
  readonly child: ChildProcess
  /** Lines of JSON on standard output so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
  readonly output: () => string
  readonly errors: () => string
  /** Resolves with exit code and signal. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

/** Builds programs as the image of production has them, with all that they import. */
export async function buildPrograms(...names: readonly ProgramName[]): Promise<Programs> {
  const folder = await mkdtemp(join(tmpdir(), 'platform-programs-'))
  return {
    modules: await bundle(folder, names),
    start: (name, variables, args = []) =>
      startProgram([join(folder, `dist/src/${name}.mjs`), ...args], variables),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

function startProgram(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): ProgramProcess {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log: Readonly<Record<string, unknown>>[] = []
  let pending = ''
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
    const lines = (pending + String(chunk)).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('{')) log.push(JSON.parse(line) as Readonly<Record<string, unknown>>)
    }
  })
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, log, output: () => output, errors: () => errors, ended }
}
