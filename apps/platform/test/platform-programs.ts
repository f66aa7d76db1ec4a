import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Programs of the platform, by the name of their source. */
export type ProgramName = 'migrate' | 'server' | 'worker'

/** Programs of the platform, built from the sources. */
export interface Programs {
  /** Packages that the programs import when they run, beside those of Node. */
  readonly imports: ReadonlySet<string>
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

/** Builds programs where the packages that they need are found. */
export async function buildPrograms(...names: readonly ProgramName[]): Promise<Programs> {
  const cache = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url))
  await mkdir(cache, { recursive: true })
  const directory = await mkdtemp(join(cache, 'platform-programs-'))
  const migrations = fileURLToPath(new URL('../migrations', import.meta.url))
  await symlink(migrations, join(directory, 'migrations'))
  const built = await build({
    configFile: false,
    logLevel: 'error',
    ssr: {
      noExternal: [/^watertight/],
      resolve: { conditions: ['watertight-source', 'node'] },
    },
    build: {
      ssr: true,
      outDir: directory,
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: {
        input: Object.fromEntries(
          names.map((name) => [name, fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))]),
        ),
        // As deep as the sources are, which find the migrations from where they stand.
        output: { entryFileNames: 'dist/src/[name].mjs', chunkFileNames: 'dist/src/[name].mjs' },
      },
    },
  })
  const chunks = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  const imports = chunks.flatMap((chunk) =>
    chunk.type === 'chunk' ? [...chunk.imports, ...chunk.dynamicImports] : [],
  )
  return {
    imports: new Set(imports.filter((name) => !/^(node:|dist\/)/.test(name))),
    start: (name, variables, args = []) =>
      startProgram([join(directory, `dist/src/${name}.mjs`), ...args], variables),
    remove: () => rm(directory, { recursive: true, force: true }),
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
