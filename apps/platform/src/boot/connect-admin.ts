import pg from 'pg'
import { WatertightError } from 'watertight/errors'

/**
 * Connects for setting up, never for serving. Statements may be sent before the one before them is
 * answered (pipelining): a check has tens of thousands, and waits for few of them.
 *
 * @param variable the environment variable that the URL came from
 * @throws CONNECTION_FAILED, AUTHENTICATION_FAILED; the URL, which may hold a password, is not named.
 */
export async function connectAdmin(url: string, variable = 'DATABASE_URL'): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    pipeline: true,
  })
  // A connection that breaks while idle is reported by the next statement.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    const state: unknown = Reflect.get(Object(error), 'code')
    const isLogin = state === '28P01' || state === '28000'
    const address = `${client.host}:${client.port}`
    throw new WatertightError(
      isLogin ? 'AUTHENTICATION_FAILED' : 'CONNECTION_FAILED',
      isLogin ? `the server at ${address} refused the login` : `no connection to ${address}`,
      { object: address, hint: `Check ${variable}, and that the server runs.`, cause: error },
    )
  }
}
