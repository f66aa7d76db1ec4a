import pg from 'pg'
import { dropByPrefix } from './drop-by-prefix.js'
import { announce } from './run-servers.js'
import type { RunServers } from './run-servers.js'
import { isServerMajor } from './server-major.js'

/**
 * The one server that DATABASE_URL points to. It must let the superuser in, and local roles without
 * a password.
 */
export async function externalServer(url: string, runId: string): Promise<RunServers> {
  const major = await withClient(url, async (client) => {
    const { rows } = await client.query<{ major: number; superuser: boolean }>(
      `select current_setting('server_version_num')::int / 10000 as major,
              current_setting('is_superuser')::bool as superuser`,
    )
    const [server] = rows
    if (server === undefined || !isServerMajor(server.major)) {
      throw new Error(`DATABASE_URL points to PostgreSQL ${server?.major}; 15 to 18 are tested.`)
    }
    if (!server.superuser) throw new Error('DATABASE_URL must log in as a superuser.')
    return server.major
  })
  announce(`tests: using the PostgreSQL ${major} server of DATABASE_URL`)
  return {
    majors: [major],
    urlOf: () => Promise.resolve(url),
    stop: () => withClient(url, (client) => dropByPrefix(client, `wt_${runId}_`)),
  }
}

async function withClient<Result>(
  connectionString: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
