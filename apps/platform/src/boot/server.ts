import { startEmbeddedPostgres } from '@watertight/cli/embedded-postgres'
import { WatertightError } from 'watertight/errors'
import { ident, sql } from 'watertight/sql'
import { connectAdmin } from './connect-admin.js'

/** Where the platform's database is, and as whom to reach it. */
export interface PlatformServer {
  /** Superuser URL of the platform's own database. */
  readonly adminUrl: string
  /** True when the database is gone after {@link PlatformServer.stop}. */
  readonly isEphemeral: boolean
  /** URL of the platform's database for another login. */
  urlFor(role: string, password: string): string
  /** Stops an embedded server; a server of yours is left alone. */
  stop(): Promise<void>
}

/** How {@link openServer} finds or makes the server. */
export interface ServerOptions {
  /** Superuser URL of a server of yours; its databases are left alone. Null: an embedded one. */
  readonly url: string | null
  /** Where an embedded server keeps its data; null for a directory that goes with it. */
  readonly dataDir: string | null
  /** Name of the platform's database, made when it is not there. */
  readonly database: string
  readonly onProgress: (line: string) => void
}

/**
 * Opens the server and the platform's database on it.
 *
 * @throws EMBEDDED_POSTGRES_FAILED, EMBEDDED_POSTGRES_MISSING, DATA_DIRECTORY_UNUSABLE, PORT_IN_USE.
 */
export async function openServer(options: ServerOptions): Promise<PlatformServer> {
  const { url, dataDir, database, onProgress } = options
  if (url !== null) {
    onProgress('using the server of DATABASE_URL')
    return withDatabase(url, database, false, () => Promise.resolve())
  }
  const server = await startEmbeddedPostgres({
    onProgress,
    settings: {
      shared_preload_libraries: 'pg_stat_statements',
      // Passwords of roles are set by statements that it would keep as they are.
      'pg_stat_statements.track_utility': 'off',
    },
    ...(dataDir !== null && { dataDir }),
  })
  try {
    const opened = await withDatabase(server.url, database, dataDir === null, () => server.stop())
    await installStatistics(opened.adminUrl)
    return opened
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** For the performance page; in a schema that no runtime role may use. */
async function installStatistics(adminUrl: string): Promise<void> {
  const client = await connectAdmin(adminUrl)
  try {
    await client.query('create schema if not exists monitoring')
    await client.query('create extension if not exists pg_stat_statements schema monitoring')
  } finally {
    await client.end()
  }
}

async function withDatabase(
  serverUrl: string,
  database: string,
  isEphemeral: boolean,
  stop: () => Promise<void>,
): Promise<PlatformServer> {
  await ensureDatabase(serverUrl, database)
  const urlOf = (change: (url: URL) => void): string => {
    const url = new URL(serverUrl)
    url.pathname = `/${encodeURIComponent(database)}`
    change(url)
    return url.href
  }
  return {
    adminUrl: urlOf(() => undefined),
    isEphemeral,
    urlFor: (role, password) =>
      urlOf((url) => {
        url.username = encodeURIComponent(role)
        url.password = encodeURIComponent(password)
      }),
    stop,
  }
}

async function ensureDatabase(serverUrl: string, name: string): Promise<void> {
  const client = await connectAdmin(serverUrl)
  try {
    const { rows } = await client.query<{ superuser: boolean }>(
      "select current_setting('is_superuser')::bool as superuser",
    )
    if (rows[0]?.superuser !== true) {
      throw new WatertightError('MISSING_PRIVILEGE', 'the platform is set up by a superuser', {
        object: client.user ?? 'the login',
        hint: 'Let DATABASE_URL log in as one; the platform itself runs as roles without powers.',
      })
    }
    const found = await client.query('select from pg_database where datname = $1', [name])
    if (found.rowCount === 0) await client.query(sql`create database ${ident(name)}`.text)
  } finally {
    await client.end()
  }
}
