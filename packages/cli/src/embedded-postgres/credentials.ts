import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WatertightError } from 'watertight/errors'
import type { EmbeddedAuth } from './options.js'

/** How clients of one cluster log in as the superuser. */
export interface ClusterCredentials {
  readonly auth: EmbeddedAuth
  readonly password: string
}

/** The credentials of a new cluster. */
export function newCredentials(auth: EmbeddedAuth, password?: string): ClusterCredentials {
  return { auth, password: password ?? randomBytes(24).toString('base64url') }
}

/** Records the credentials in a cluster, readable by the server's user alone. */
export async function saveCredentials(
  dataDir: string,
  credentials: ClusterCredentials,
): Promise<void> {
  await writeFile(credentialsFile(dataDir), `${JSON.stringify(credentials)}\n`, { mode: 0o600 })
}

/**
 * The credentials that a persistent cluster was made with.
 *
 * @throws WatertightError DATA_DIRECTORY_UNUSABLE when they are not recorded
 */
export async function loadCredentials(dataDir: string): Promise<ClusterCredentials> {
  const file = credentialsFile(dataDir)
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (isCredentials(parsed)) return parsed
  } catch {
    // Absent and malformed get the same answer below.
  }
  throw new WatertightError(
    'DATA_DIRECTORY_UNUSABLE',
    `${file} does not hold the credentials of the cluster in ${dataDir}.`,
    { object: file, hint: 'Choose another data directory; this one was not made by watertight.' },
  )
}

function isCredentials(value: unknown): value is ClusterCredentials {
  if (typeof value !== 'object' || value === null) return false
  if (!('auth' in value && 'password' in value)) return false
  const isKnownAuth = value.auth === 'trust' || value.auth === 'scram-sha-256'
  return isKnownAuth && typeof value.password === 'string'
}

function credentialsFile(dataDir: string): string {
  return join(dataDir, 'watertight-credentials.json')
}
