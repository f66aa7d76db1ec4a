import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { WatertightError } from 'watertight/errors'
import type { Variables } from '../terminal/style.js'

/** Connection parameters of libpq by their keywords: `host`, `port`, `dbname`, `user`, … */
export type ServiceParameters = Readonly<Record<string, string>>

/**
 * The parameters of a service: from `PGSERVICEFILE`, else `~/.pg_service.conf`, then
 * `PGSYSCONFDIR/pg_service.conf`, as libpq reads them.
 *
 * @throws INVALID_INPUT when no file defines the service.
 */
export async function readService(name: string, variables: Variables): Promise<ServiceParameters> {
  const files = serviceFiles(variables)
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => null)
    const found = text === null ? null : serviceIn(text, name)
    if (found !== null) return found
  }
  throw new WatertightError('INVALID_INPUT', `there is no service ${name}`, {
    object: name,
    hint: `Define [${name}] in one of: ${files.join(', ')}`,
  })
}

function serviceFiles(variables: Variables): readonly string[] {
  const own = variables['PGSERVICEFILE'] || join(variables['HOME'] || homedir(), '.pg_service.conf')
  const system = variables['PGSYSCONFDIR']
  return system ? [own, join(system, 'pg_service.conf')] : [own]
}

/** The first section of that name in a service file; null when there is none. */
export function serviceIn(text: string, name: string): ServiceParameters | null {
  let isInside = false
  const found: Record<string, string> = {}
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    if (trimmed.startsWith('[')) {
      if (isInside) break
      isInside = trimmed === `[${name}]`
      continue
    }
    const at = trimmed.indexOf('=')
    if (isInside && at > 0) found[trimmed.slice(0, at).trim()] = trimmed.slice(at + 1).trim()
  }
  return isInside ? found : null
}

/** The parameters as the driver takes them. Of `sslmode` all but `disable` and `allow` verify the server. */
export async function serviceConfig(service: ServiceParameters): Promise<pg.ClientConfig> {
  const { host, hostaddr, port, dbname, user, password, sslmode, sslrootcert } = service
  const isEncrypted = sslmode !== undefined && sslmode !== 'disable' && sslmode !== 'allow'
  const server = host ?? hostaddr
  return {
    ...(server !== undefined && { host: server }),
    ...(port !== undefined && { port: Number.parseInt(port, 10) }),
    ...(dbname !== undefined && { database: dbname }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(isEncrypted && {
      ssl: sslrootcert === undefined ? {} : { ca: await readFile(sslrootcert, 'utf8') },
    }),
  }
}
