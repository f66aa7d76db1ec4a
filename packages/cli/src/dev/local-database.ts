import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Queryable } from 'watertight/sql'

/** The database of the application inside a local server. */
const localDatabaseName = 'app'

/** Makes the folder for local files, with a `.gitignore` that keeps all of it out of version control. */
export async function ensureLocalFolder(dataDir: string): Promise<string> {
  const folder = dirname(dataDir)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => undefined)
  return folder
}

/** Creates the database unless it is there. */
export async function ensureLocalDatabase(db: Queryable): Promise<void> {
  const { rows } = await db.query('select from pg_catalog.pg_database where datname = $1', [
    localDatabaseName,
  ])
  if (rows.length === 0) await db.query('create database app')
}

/** The URL of a role on the local server, which trusts everybody on the loopback interface. */
export function localUrl(serverUrl: string, role?: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${localDatabaseName}`
  if (role !== undefined) {
    url.username = encodeURIComponent(role)
    url.password = ''
  }
  return url.href
}
