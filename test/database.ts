import pg from 'pg'
import { ident, sql } from 'watertight/sql'
import { dropByPrefix, dropDatabase } from './drop-by-prefix.js'
import { randomName } from './random-name.js'
import { runEnvironment, serverUrl } from './run-environment.js'
import type { ServerMajor } from './server-major.js'
import { copyDatabasePrivileges, ensureTemplate } from './template-database.js'
import type { DatabaseTemplate } from './template-database.js'

export type { ServerMajor } from './server-major.js'

/** The versions that this run tests: all four, or the one that DATABASE_URL points to. */
export const serverMajors: readonly ServerMajor[] = runEnvironment.majors

/** A database of one test file's own on a server that the whole run shares. */
export interface TestDatabase {
  readonly name: string
  readonly major: ServerMajor
  /** Unique in the cluster. Roles are cluster-wide, so every test prefixes its roles with this. */
  readonly rolePrefix: string
  /** What the roles of the template start with; null without a template. */
  readonly templateRolePrefix: string | null
  /** Superuser URL of this database. */
  readonly url: string
  /** URL that logs in as `role`, without a password. */
  urlFor(role: string): string
  /** Connected superuser client. */
  readonly admin: pg.Client
  /** A further client, closed by {@link TestDatabase.drop}; the superuser's without a role. */
  connect(role?: string): Promise<pg.Client>
  /** Closes the clients, drops the database and every role that starts with `rolePrefix`. */
  drop(): Promise<void>
}

/**
 * Makes a fresh database, from a template if one is given.
 *
 * @example
 * ```ts
 * const database = await createTestDatabase({ major: 17 })
 * await database.admin.query(sql`create role ${ident(`${database.rolePrefix}_app`)} login`.text)
 * const app = await database.connect(`${database.rolePrefix}_app`)
 * await database.drop()
 * ```
 */
export async function createTestDatabase(
  options: { major?: ServerMajor; template?: DatabaseTemplate } = {},
): Promise<TestDatabase> {
  const major = options.major ?? newestMajor()
  const maintenanceUrl = await serverUrl(major)
  const rolePrefix = `wt_${runEnvironment.runId}_${randomName(4)}`
  const name = rolePrefix
  const template = await withClient(maintenanceUrl, async (maintenance) => {
    if (options.template === undefined) {
      await maintenance.query(sql`create database ${ident(name)} strategy = file_copy`.text)
      return null
    }
    const source = await ensureTemplate(maintenance, options.template)
    await maintenance.query(
      sql`create database ${ident(name)} template ${ident(source)} strategy = file_copy`.text,
    )
    await copyDatabasePrivileges(maintenance, source, name)
    return source
  })

  const url = urlOf(maintenanceUrl, name)
  const clients: pg.Client[] = []
  const open = async (connectionString: string): Promise<pg.Client> => {
    const client = await connectClient(connectionString)
    clients.push(client)
    return client
  }
  const urlFor = (role: string): string => urlOf(maintenanceUrl, name, role)
  return {
    name,
    major,
    rolePrefix,
    templateRolePrefix: template,
    url,
    urlFor,
    admin: await open(url),
    connect: (role) => open(role === undefined ? url : urlFor(role)),
    drop: async () => {
      await Promise.allSettled(clients.map((client) => client.end()))
      await withClient(maintenanceUrl, async (maintenance) => {
        await dropDatabase(maintenance, name)
        await dropByPrefix(maintenance, rolePrefix)
      })
    },
  }
}

function newestMajor(): ServerMajor {
  const newest = serverMajors.at(-1)
  if (newest === undefined) throw new Error('This run has no PostgreSQL server.')
  return newest
}

function urlOf(serverAddress: string, database: string, role?: string): string {
  const url = new URL(serverAddress)
  url.pathname = `/${encodeURIComponent(database)}`
  if (role !== undefined) {
    url.username = encodeURIComponent(role)
    url.password = ''
  }
  return url.href
}

async function connectClient(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  // Tests end backends on purpose; the statement that ran reports it, the event need not.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function withClient<Result>(
  connectionString: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connectClient(connectionString)
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
