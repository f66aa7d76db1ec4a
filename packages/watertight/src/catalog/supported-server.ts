import { WatertightError } from '../errors/index.js'
import type { RawIdentity } from './queries/server.js'

/** The oldest major version whose catalog is read, as `server_version_num`. */
const oldestVersionNum = 150000

/** Systems that speak PostgreSQL's protocol but have another catalog. */
const otherSystems = /cockroachdb|yugabyte|redshift|materialize|questdb|greenplum|crate/i

/**
 * Returns `server_version_num` of a server that can be read.
 *
 * @throws UNSUPPORTED_SERVER when it is older than PostgreSQL 15 or another system.
 */
export function requireSupportedServer(identity: RawIdentity): number {
  const versionNum = Number.parseInt(identity.version_num, 10)
  const isPostgres = identity.banner.startsWith('PostgreSQL ') && !otherSystems.test(identity.banner)
  if (isPostgres && versionNum >= oldestVersionNum) return versionNum
  const found = isPostgres ? `PostgreSQL ${identity.version}` : identity.banner.slice(0, 120)
  throw new WatertightError(
    'UNSUPPORTED_SERVER',
    `the server is ${found}; PostgreSQL 15 to 18 are supported`,
    { object: found, hint: 'Upgrade the server to PostgreSQL 15 or later.' },
  )
}
