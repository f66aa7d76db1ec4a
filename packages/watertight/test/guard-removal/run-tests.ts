import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GuardTest } from './guard.js'
import { projectRoot } from './sources.js'

/** A source file as one run of the tests shall find it. */
export interface Mutant {
  /** Absolute path. */
  readonly file: string
  readonly source: string
}

/** How a test ended; `missing` when no test of that name ran. */
export interface TestEnd {
  readonly status: 'passed' | 'failed' | 'missing'
  /** The first line of what it failed with; empty otherwise. */
  readonly reason: string
}

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

/**
 * Runs the named tests in a vitest of their own, against the server at `serverUrl` and with one
 * file mutated, and tells how each ended. No file is changed on disk.
 */
export async function runTests(
  tests: readonly GuardTest[],
  { mutant, serverUrl }: { readonly mutant: Mutant | null; readonly serverUrl: string },
): Promise<ReadonlyMap<GuardTest, TestEnd>> {
  const folder = await mkdtemp(join(tmpdir(), 'watertight-guards-'))
  const reportFile = join(folder, 'report.json')
  try {
    const files = [...new Set(tests.map(({ file }) => `packages/watertight/${file}`))]
    const names = [...new Set(tests.map(({ name }) => name))].map(escaped)
    const output = await runVitest(
      [
        'run',
        '--config=packages/watertight/test/guard-removal/vitest.config.mjs',
        '--reporter=json',
        // Without its guard a test may well wait for what never comes.
        '--testTimeout=15000',
        '--hookTimeout=15000',
        `--outputFile=${reportFile}`,
        `--testNamePattern=^(?:${names.join('|')})$`,
        ...files,
      ],
      { WATERTIGHT_MUTANT: JSON.stringify(mutant), DATABASE_URL: serverUrl },
    )
    const report = await readReport(reportFile, output)
    return new Map(tests.map((test) => [test, endOf(test, report)]))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function endOf({ file, name }: GuardTest, { testResults }: Report): TestEnd {
  const results = testResults.find((found) => found.name.endsWith(file))?.assertionResults
  const ended = (results ?? []).filter(({ fullName }) => fullName === name)
  const failed = ended.find(({ status }) => status === 'failed')
  if (failed !== undefined) {
    return { status: 'failed', reason: failed.failureMessages?.[0]?.split('\n')[0] ?? '' }
  }
  const isPassed = ended.some(({ status }) => status === 'passed')
  return { status: isPassed ? 'passed' : 'missing', reason: '' }
}

async function readReport(file: string, output: string): Promise<Report> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Report
  } catch {
    throw new Error(`The tests wrote no report:\n${output}`)
  }
}

function runVitest(options: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const vitest = join(projectRoot, 'node_modules/vitest/vitest.mjs')
  const own = Object.entries(process.env).filter(([key]) => !key.startsWith('VITEST'))
  const child = spawn(process.execPath, [vitest, ...options], {
    cwd: projectRoot,
    env: { ...Object.fromEntries(own), ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(output))
  })
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')
}
