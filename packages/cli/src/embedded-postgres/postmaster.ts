import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WatertightError } from 'watertight/errors'
import { lastLines } from './last-lines.js'
import { readPostmasterPidFile } from './postmaster-pid-file.js'
import type { ServiceUser } from './service-user.js'
import { startWatchdog } from './watchdog.js'

/** What {@link startPostmaster} needs to know. */
export interface PostmasterRequest {
  readonly image: string
  readonly dataDir: string
  readonly runDirectory: string
  readonly logFile: string
  readonly arguments: readonly string[]
  readonly user: ServiceUser | undefined
}

/** A server process that accepts connections. */
export interface Postmaster {
  readonly pid: number
  /** Comes when the process is gone, whoever ended it: EMBEDDED_POSTGRES_FAILED with its last lines. */
  readonly ended: Promise<WatertightError>
  /** Ends all sessions and waits until the process is gone. */
  stop(): Promise<void>
}

const startPatienceMs = 60_000
const fastShutdownPatienceMs = 10_000

/**
 * Starts the server process and waits until it accepts connections.
 *
 * @throws WatertightError PORT_IN_USE
 * @throws WatertightError EMBEDDED_POSTGRES_FAILED with the last lines of the server's log
 */
export async function startPostmaster(request: PostmasterRequest): Promise<Postmaster> {
  const { child, exited } = await spawnPostmaster(request)
  const { pid } = child
  if (pid === undefined) throw await startFailure(request, await exited)
  const endWatchdog = startWatchdog(pid, request.dataDir, request.runDirectory)
  let exit: string | undefined
  const ended = exited.then(async (reason) => {
    exit = reason
    endWatchdog()
    return failed(request, `PostgreSQL ended (${reason})`, await readLog(request))
  })

  const stop = async (): Promise<void> => {
    // Manual, "Shutting Down the Server": SIGINT is the fast shutdown, SIGQUIT the immediate one.
    if (exit === undefined) child.kill('SIGINT')
    // A caller that waits for the end must live to see it, also after the timer below.
    child.ref()
    const timer = setTimeout(() => child.kill('SIGQUIT'), fastShutdownPatienceMs)
    await ended
    clearTimeout(timer)
  }

  const deadline = Date.now() + startPatienceMs
  while (exit === undefined && Date.now() < deadline) {
    const file = await readPostmasterPidFile(request.dataDir)
    if (file?.pid === pid && file.isReady) return { pid, ended, stop }
    await Promise.race([ended, sleep(10)])
  }
  await stop()
  throw await startFailure(request, exit ?? 'not ready in time')
}

async function spawnPostmaster(
  request: PostmasterRequest,
): Promise<{ child: ChildProcess; exited: Promise<string> }> {
  const log = await open(request.logFile, 'w', 0o600)
  try {
    const child = spawn(
      join(request.image, 'bin', 'postgres'),
      ['-D', request.dataDir, ...request.arguments],
      {
        // A session of its own: Ctrl-C in the terminal would otherwise be a fast shutdown.
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
        cwd: '/',
        ...request.user,
      },
    )
    const exited = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${String(code)}`))
      child.once('error', (error) => resolve(error.message))
    })
    child.unref()
    return { child, exited }
  } finally {
    await log.close()
  }
}

async function startFailure(request: PostmasterRequest, reason: string): Promise<WatertightError> {
  const log = await readLog(request)
  if (log.includes('could not bind IPv4 address')) {
    return new WatertightError('PORT_IN_USE', 'The port is taken by another process.', {
      hint: 'Choose another port, or none to get a free one.',
    })
  }
  return failed(request, `PostgreSQL did not start (${reason})`, log)
}

/** Empty where the log is gone with its folder. */
const readLog = ({ logFile }: PostmasterRequest): Promise<string> =>
  readFile(logFile, 'utf8').catch(() => '')

function failed({ dataDir }: PostmasterRequest, what: string, log: string): WatertightError {
  return new WatertightError('EMBEDDED_POSTGRES_FAILED', `${what}: ${lastLines(log, 12)}`, {
    object: dataDir,
  })
}
