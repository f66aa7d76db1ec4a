import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identifyProcess } from './process-identity.js'

/** What a running server writes about itself (manual: "Database File Layout", postmaster.pid). */
export interface PostmasterPidFile {
  readonly pid: number
  readonly port: number | undefined
  /** Whether the server accepts connections. */
  readonly isReady: boolean
}

/** Reads `postmaster.pid`; undefined when there is none. */
export async function readPostmasterPidFile(
  dataDir: string,
): Promise<PostmasterPidFile | undefined> {
  let text: string
  try {
    text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8')
  } catch {
    return undefined
  }
  const lines = text.split('\n')
  const pid = Math.abs(Number(lines[0]))
  if (!Number.isInteger(pid) || pid === 0) return undefined
  const port = Number(lines[3])
  return {
    pid,
    port: Number.isInteger(port) && port > 0 ? port : undefined,
    isReady: lines[7]?.trim() === 'ready',
  }
}

/**
 * The server that runs on a data directory right now. A stale file after a crash does not count,
 * even when its pid belongs to some other process by now.
 *
 * @param clusterName only the server with this `cluster_name`
 */
export async function findRunningPostmaster(
  dataDir: string,
  clusterName?: string,
): Promise<PostmasterPidFile | undefined> {
  const file = await readPostmasterPidFile(dataDir)
  if (file === undefined) return undefined
  const commandLine = `${(await identifyProcess(file.pid))?.commandLine ?? ''} `
  if (!commandLine.includes(` -D ${dataDir} `)) return undefined
  const isAsked = clusterName === undefined || commandLine.includes(` cluster_name=${clusterName} `)
  return isAsked ? file : undefined
}

/**
 * Disarms the pid file of a crashed server whose pid some other program has got meanwhile, common
 * when a container restarts: PostgreSQL would take that program for a running server.
 *
 * INVARIANT: the file stays, since PostgreSQL also reads from it which shared memory the crashed
 * server used, and refuses to start while left-over sessions are attached. PostgreSQL ignores the
 * pid of its own parent process, which is this one.
 */
export async function disarmStalePidFile(dataDir: string): Promise<void> {
  const file = await readPostmasterPidFile(dataDir)
  if (file === undefined) return
  const holder = await identifyProcess(file.pid)
  if (holder === undefined || /postgres|postmaster/.test(holder.commandLine)) return
  const path = join(dataDir, 'postmaster.pid')
  const [, ...rest] = (await readFile(path, 'utf8')).split('\n')
  await writeFile(path, [process.pid, ...rest].join('\n'))
}
