import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { WatertightError } from 'watertight/errors'
import { chownTree } from './chown-tree.js'
import { saveCredentials } from './credentials.js'
import { lastLines } from './last-lines.js'
import type { EmbeddedAuth, PostgresMajor } from './options.js'
import type { ServiceUser } from './service-user.js'

const run = promisify(execFile)

/** What {@link initialiseCluster} needs to know. */
export interface InitialiseRequest {
  readonly image: string
  readonly major: PostgresMajor
  readonly dataDir: string
  readonly auth: EmbeddedAuth
  readonly password: string
  readonly isEphemeral: boolean
  readonly user: ServiceUser | undefined
}

/**
 * Makes a cluster with `initdb`. It is made beside its final place and renamed, so a crash half-way
 * leaves no directory that looks like a cluster.
 *
 * @throws WatertightError EMBEDDED_POSTGRES_FAILED with the last lines that `initdb` printed
 */
export async function initialiseCluster(request: InitialiseRequest): Promise<void> {
  const { dataDir, user } = request
  const parent = dirname(dataDir)
  await mkdir(parent, { recursive: true })
  const draft = await mkdtemp(join(parent, `.${basename(dataDir)}-`))
  const passwordFile = join(draft, 'password')
  const cluster = join(draft, 'cluster')
  try {
    await writeFile(passwordFile, `${request.password}\n`, { mode: 0o600 })
    await chownTree(draft, user)
    await run(join(request.image, 'bin', 'initdb'), initdbArguments(request, cluster), {
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      cwd: '/',
      ...user,
    })
    await saveCredentials(cluster, { auth: request.auth, password: request.password })
    await chownTree(cluster, user)
    await rename(cluster, dataDir)
  } catch (cause) {
    const output = lastLines(outputOf(cause), 12)
    throw new WatertightError(
      'EMBEDDED_POSTGRES_FAILED',
      `initdb of PostgreSQL ${request.major} failed in ${parent}: ${output}`,
      { object: dataDir, cause },
    )
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Major version of the cluster in a directory; undefined when the directory holds none. */
export async function readClusterMajor(dataDir: string): Promise<number | undefined> {
  const versionFile = join(dataDir, 'PG_VERSION')
  if (!existsSync(versionFile)) return undefined
  return Number.parseInt(await readFile(versionFile, 'utf8'), 10)
}

function initdbArguments(request: InitialiseRequest, cluster: string): string[] {
  return [
    `--pgdata=${cluster}`,
    '--username=postgres',
    // The same sort order and case mapping on every machine, whatever locales it has.
    '--encoding=UTF8',
    '--locale=C',
    `--auth=${request.auth}`,
    ...(request.auth === 'trust' ? [] : [`--pwfile=${join(dirname(cluster), 'password')}`]),
    ...(request.isEphemeral ? ['--no-sync', '--no-instructions'] : ['--no-instructions']),
  ]
}

function outputOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : ''
  const stdout = 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : ''
  const text = `${stdout}\n${stderr}`.trim()
  return text === '' ? error.message : text
}
