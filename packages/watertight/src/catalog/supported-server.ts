import { WatertightError } from '../errors/index.js'
import type { Queryable } from '../sql/index.js'
import { onlyRow } from './documents.js'
import { identityQuery } from './queries/server.js'
import type { RawIdentity } from './queries/server.js'

/** The oldest major version whose catalog is read, as `server_version_num`. */
const oldestVersionNum = 150000

/** Systems that speak PostgreSQL's protocol but have another catalog. */
const otherSystems = /cockroachdb|yugabyte|redshift|materialize|questdb|greenplum|crate/i

/**
 * Asks the server what it is. Systems that lack what the question uses still say `version()`.
 *
 * @throws UNSUPPORTED_SERVER when the server does not know PostgreSQL's functions.
 */
export async function identify(db: Queryable): Promise<RawIdentity> {
  try {
    return onlyRow((await db.query<RawIdentity>(identityQuery.text)).rows)
  } catch (error) {
    if (!isMissingFeature(error)) throw error
    const { rows } = await db.query<{ banner: string }>('select version() as banner')
    throw unsupported(onlyRow(rows).banner.slice(0, 120), error)
  }
}

/**
 * Returns `server_version_num` of a server that can be read.
 *
 * @throws UNSUPPORTED_SERVER when it is older than PostgreSQL 15 or another system.
 */
export function requireSupportedServer(identity: RawIdentity): number {
  const versionNum = Number.parseInt(identity.version_num, 10)
  const isPostgres =
    identity.banner.startsWith('PostgreSQL ') && !otherSystems.test(identity.banner)
  if (isPostgres && versionNum >= oldestVersionNum) return versionNum
  throw unsupported(isPostgres ? `PostgreSQL ${identity.version}` : identity.banner.slice(0, 120))
}

function unsupported(found: string, cause?: unknown): WatertightError {
  return new WatertightError(
    'UNSUPPORTED_SERVER',
    `the server is ${found}; PostgreSQL 15 to 18 are supported`,
    { object: found, hint: 'Upgrade the server to PostgreSQL 15 or later.', cause },
  )
}

/** SQLSTATE class 42 (unknown function or syntax) or 0A (not supported); the rest is not about us. */
function isMissingFeature(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return false
  return error.code.startsWith('42') || error.code.startsWith('0A')
}
