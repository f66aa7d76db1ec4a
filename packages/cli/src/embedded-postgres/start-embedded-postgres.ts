import { WatertightError } from 'watertight/errors'
import { locateBinaries } from './binaries.js'
import { loadCredentials, newCredentials } from './credentials.js'
import type { ClusterCredentials } from './credentials.js'
import { canonicalDataDirectory, checkDataDirectory } from './data-directory.js'
import { findFreePort } from './free-port.js'
import { initialiseCluster } from './initialise-cluster.js'
import { cacheDirectory, runsDirectory } from './locations.js'
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from './options.js'
import { startPostmaster } from './postmaster.js'
import type { Postmaster } from './postmaster.js'
import { createRunDirectory, removeRunDirectory } from './run-directory.js'
import type { RunDirectory } from './run-directory.js'
import { prepareRuntimeImage } from './runtime-image.js'
import { serverArguments } from './server-settings.js'
import { findServiceUser } from './service-user.js'
import type { ServiceUser } from './service-user.js'
import { sweepAbandonedRuns } from './sweep.js'

const portAttempts = 5

/**
 * Starts a real PostgreSQL server from npm binaries, reachable on 127.0.0.1 alone. It ends with this
 * process, however this process ends; `stop()` is the orderly way.
 *
 * @throws WatertightError EMBEDDED_POSTGRES_MISSING
 * @throws WatertightError EMBEDDED_POSTGRES_FAILED
 * @throws WatertightError DATA_DIRECTORY_UNUSABLE
 * @throws WatertightError PORT_IN_USE
 *
 * @example
 * ```ts
 * const server = await startEmbeddedPostgres({ major: 17 })
 * const client = new pg.Client({ connectionString: server.url })
 * // … select version() → PostgreSQL 17.…
 * await server.stop()
 * ```
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const { major = 18, onProgress } = options
  const binaries = locateBinaries(major)
  const user = await findServiceUser()
  const image = await prepareRuntimeImage(binaries, await cacheDirectory(), onProgress)
  const runs = await runsDirectory()
  await sweepAbandonedRuns(runs)
  const persistentDataDir =
    options.dataDir === undefined ? undefined : await canonicalDataDirectory(options.dataDir)
  const run = await createRunDirectory(runs, persistentDataDir, user)
  const dataDir = persistentDataDir ?? run.ephemeralDataDir
  try {
    const credentials = await prepareCluster(options, image, dataDir, user)
    onProgress?.(`starting PostgreSQL ${major}`)
    const { postmaster, port } = await startOnPort(options, image, dataDir, run, user)
    const stop = async (): Promise<void> => {
      await postmaster.stop()
      await removeRunDirectory(run.path)
    }
    const { pid, ended } = postmaster
    return { url: urlOf(port, credentials), port, major, dataDir, pid, ended, stop }
  } catch (error) {
    await removeRunDirectory(run.path)
    throw error
  }
}

async function prepareCluster(
  options: EmbeddedPostgresOptions,
  image: string,
  dataDir: string,
  user: ServiceUser | undefined,
): Promise<ClusterCredentials> {
  const { major = 18, auth = 'scram-sha-256', password, onProgress } = options
  const isEphemeral = options.dataDir === undefined
  if (!isEphemeral && (await checkDataDirectory(dataDir, major, user))) {
    return loadCredentials(dataDir)
  }
  onProgress?.(`initialising PostgreSQL ${major}`)
  const credentials = newCredentials(auth, password)
  await initialiseCluster({ image, major, dataDir, ...credentials, isEphemeral, user })
  return credentials
}

async function startOnPort(
  options: EmbeddedPostgresOptions,
  image: string,
  dataDir: string,
  run: RunDirectory,
  user: ServiceUser | undefined,
): Promise<{ postmaster: Postmaster; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await findFreePort())
    const settings = serverArguments({
      port,
      run,
      isEphemeral: options.dataDir === undefined,
      overrides: options.settings ?? {},
    })
    try {
      const postmaster = await startPostmaster({
        image,
        dataDir,
        runDirectory: run.path,
        logFile: run.logFile,
        arguments: settings,
        user,
      })
      return { postmaster, port }
    } catch (error) {
      if (!(error instanceof WatertightError) || error.code !== 'PORT_IN_USE') throw error
      if (options.port !== undefined || attempt === portAttempts) {
        throw new WatertightError('PORT_IN_USE', `Port ${port} is taken by another process.`, {
          object: `127.0.0.1:${port}`,
          hint: 'Choose another port, or none to get a free one.',
          cause: error,
        })
      }
    }
  }
}

function urlOf(port: number, { auth, password }: ClusterCredentials): string {
  const login = auth === 'trust' ? 'postgres' : `postgres:${encodeURIComponent(password)}`
  return `postgres://${login}@127.0.0.1:${port}/postgres`
}
