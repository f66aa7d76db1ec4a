import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { chownTree } from './chown-tree.js'
import { identifyProcess } from './process-identity.js'
import type { ServiceUser } from './service-user.js'

/** The files of one running server that end with it; an ephemeral cluster's data is among them. */
export interface RunDirectory {
  readonly path: string
  /** Unique among the runs of this user; the server's `cluster_name`. */
  readonly name: string
  /** Holds the Unix socket. */
  readonly socketDirectory: string
  readonly logFile: string
  /** Where an ephemeral cluster keeps its data. */
  readonly ephemeralDataDir: string
}

/** Who started a server, precise enough to survive the reuse of process ids. */
export interface RunOwner {
  readonly pid: number
  readonly startedAt: string
  readonly dataDir: string
}

/** Makes the directory for one server and records this process as its owner. */
export async function createRunDirectory(
  runs: string,
  dataDir: string | undefined,
  user: ServiceUser | undefined,
): Promise<RunDirectory> {
  const path = await mkdtemp(join(runs, 'watertight-'))
  const run: RunDirectory = describeRun(path)
  const self = await identifyProcess(process.pid)
  const owner: RunOwner = {
    pid: process.pid,
    startedAt: self?.startedAt ?? '',
    dataDir: dataDir ?? run.ephemeralDataDir,
  }
  await mkdir(run.socketDirectory, { mode: 0o700 })
  await chownTree(path, user)
  // Written last and renamed into place: a directory without it is one still being made.
  await writeFile(join(path, 'owner.draft'), JSON.stringify(owner), { mode: 0o600 })
  await rename(join(path, 'owner.draft'), join(path, 'owner.json'))
  return run
}

/** Removes a run directory with everything in it. */
export async function removeRunDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

/** All run directories of the current user. */
export async function listRunDirectories(runs: string): Promise<string[]> {
  const entries = await readdir(runs, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(runs, entry.name))
}

/** Reads who owns a run directory; undefined when that is not recorded (yet). */
export async function readRunOwner(path: string): Promise<RunOwner | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(path, 'owner.json'), 'utf8'))
    return isRunOwner(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isRunOwner(value: unknown): value is RunOwner {
  if (typeof value !== 'object' || value === null) return false
  if (!('pid' in value && 'startedAt' in value && 'dataDir' in value)) return false
  return (
    Number.isInteger(value.pid) &&
    typeof value.startedAt === 'string' &&
    typeof value.dataDir === 'string'
  )
}

/** The name of the run that a run directory belongs to. */
export function runName(path: string): string {
  return basename(path)
}

function describeRun(path: string): RunDirectory {
  return {
    path,
    name: runName(path),
    socketDirectory: join(path, 's'),
    logFile: join(path, 'server.log'),
    ephemeralDataDir: join(path, 'data'),
  }
}
