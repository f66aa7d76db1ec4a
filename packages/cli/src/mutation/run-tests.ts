import { spawn } from 'node:child_process'
import type { Variables } from '../terminal/style.js'
import { databaseOf } from './scratch.js'

/** How the test command ended. */
export interface TestRun {
  readonly outcome: 'passed' | 'failed' | 'timeout' | 'interrupted'
  readonly durationMs: number
  /** The last lines of what it printed. */
  readonly tail: string
}

export interface TestCommand {
  readonly command: string
  readonly cwd: string
  readonly variables: Variables
  /** Longest time, in milliseconds. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const keptOutput = 4_000

/** Runs the user's test command on one database, all of its processes ended when the time is up. */
export function runTests(
  { command, cwd, variables, timeoutMs, signal }: TestCommand,
  urls: { readonly url: string; readonly superuser: string },
): Promise<TestRun> {
  const started = Date.now()
  return new Promise((resolve) => {
    // A group of its own, so that its children end with it.
    const child = spawn(command, {
      cwd,
      shell: true,
      detached: true,
      env: { ...variables, ...connectionVariables(urls) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let tail = ''
    let ended: TestRun['outcome'] | null = null
    const keep = (chunk: Buffer): void => {
      tail = (tail + chunk.toString('utf8')).slice(-keptOutput)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const end = (outcome: TestRun['outcome']): void => {
      ended ??= outcome
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It ended by itself meanwhile.
      }
    }
    const timer = setTimeout(() => end('timeout'), timeoutMs)
    const onAbort = (): void => end('interrupted')
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    const finish = (outcome: TestRun['outcome']): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      resolve({ outcome: ended ?? outcome, durationMs: Date.now() - started, tail })
    }
    child.once('error', () => finish('failed'))
    child.once('close', (code) => finish(code === 0 ? 'passed' : 'failed'))
  })
}

/** What tests read to find the database. INVARIANT: nothing of the caller's own database is left. */
function connectionVariables({
  url,
  superuser,
}: {
  readonly url: string
  readonly superuser: string
}): Record<string, string> {
  const { hostname, port, username, password } = new URL(url)
  return {
    DATABASE_URL: url,
    DATABASE_URL_MIGRATOR: superuser,
    PGHOST: hostname.replace(/^\[(.*)\]$/, '$1'),
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: databaseOf(url),
    PGHOSTADDR: '',
    PGSERVICE: '',
  }
}
