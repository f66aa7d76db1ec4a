import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** The program of worker processes, built from the sources. */
export interface WorkerProgram {
  /** Starts one. */
  start(variables: Readonly<Record<string, string>>): WorkerProcess
  remove(): Promise<void>
}

/** A worker process of a test. */
export interface WorkerProcess {
  readonly child: ChildProcess
  /** What it has logged so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
  readonly errors: () => string
  /** Resolves with exit code and signal. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

/** Builds the program where the packages that it needs are found. */
export async function buildWorkerProgram(): Promise<WorkerProgram> {
  const cache = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url))
  await mkdir(cache, { recursive: true })
  const directory = await mkdtemp(join(cache, 'worker-program-'))
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: {
      noExternal: [/^watertight/],
      resolve: { conditions: ['watertight-source', 'node'] },
    },
    build: {
      ssr: fileURLToPath(new URL('../src/worker.ts', import.meta.url)),
      outDir: directory,
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  })
  return {
    start: (variables) => startWorker(join(directory, 'worker.mjs'), variables),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

function startWorker(program: string, variables: Readonly<Record<string, string>>): WorkerProcess {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log: Readonly<Record<string, unknown>>[] = []
  let pending = ''
  let errors = ''
  child.stdout.on('data', (chunk) => {
    const lines = (pending + String(chunk)).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) log.push(JSON.parse(line) as Readonly<Record<string, unknown>>)
  })
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, log, errors: () => errors, ended }
}
