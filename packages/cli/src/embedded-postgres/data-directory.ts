import { mkdir, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { WatertightError } from 'watertight/errors'
import { readClusterMajor } from './initialise-cluster.js'
import type { PostgresMajor } from './options.js'
import { disarmStalePidFile, findRunningPostmaster } from './postmaster-pid-file.js'
import { isReachableByOthers } from './service-user.js'
import type { ServiceUser } from './service-user.js'

/** One spelling per directory, links resolved: servers are told apart by it. Makes the parent. */
export async function canonicalDataDirectory(dataDir: string): Promise<string> {
  const path = resolve(dataDir)
  await mkdir(dirname(path), { recursive: true })
  return realpath(path).catch(async () => join(await realpath(dirname(path)), basename(path)))
}

/**
 * Makes sure that a cluster in `dataDir` can be started, or one be made there: nobody runs it, it is
 * of the right version, and the server's user can reach it. Disarms the pid file that a crash left.
 *
 * @returns whether the directory holds a cluster already
 * @throws WatertightError DATA_DIRECTORY_UNUSABLE
 */
export async function checkDataDirectory(
  dataDir: string,
  major: PostgresMajor,
  user: ServiceUser | undefined,
): Promise<boolean> {
  const parent = dirname(dataDir)
  if (user !== undefined && !(await isReachableByOthers(parent))) {
    throw unusable(
      dataDir,
      `${parent} is closed to the user that the server runs as (never root).`,
      'Choose a data directory whose parent directories every user can enter, or run as an ordinary user.',
    )
  }
  const running = await findRunningPostmaster(dataDir)
  if (running !== undefined) {
    const where = running.port === undefined ? '' : ` on port ${running.port}`
    throw unusable(
      dataDir,
      `A server runs on ${dataDir} already: process ${running.pid}${where}.`,
      'Stop the other server or choose another data directory.',
    )
  }
  const found = await readClusterMajor(dataDir)
  if (found === undefined) {
    await requireEmpty(dataDir)
    return false
  }
  if (found !== major) {
    throw unusable(
      dataDir,
      `${dataDir} was made by PostgreSQL ${found}, not ${major}.`,
      `Start it with version ${found}, or choose another data directory.`,
    )
  }
  await disarmStalePidFile(dataDir)
  return true
}

async function requireEmpty(dataDir: string): Promise<void> {
  const entries = await readdir(dataDir).catch(() => [])
  if (entries.length === 0) return
  throw unusable(
    dataDir,
    `${dataDir} is neither empty nor a PostgreSQL data directory.`,
    'Choose an empty or absent directory.',
  )
}

function unusable(object: string, message: string, hint: string): WatertightError {
  return new WatertightError('DATA_DIRECTORY_UNUSABLE', message, { object, hint })
}
