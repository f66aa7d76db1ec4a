import type pg from 'pg'
import { WatertightError } from 'watertight/errors'
import type { Queryable } from 'watertight/sql'
import type { CommandEnvironment } from '../command-environment.js'
import { connectionError, hostAndPort } from './connection-error.js'
import type { Address } from './connection-error.js'
import type { ConnectionTarget } from './connection-target.js'
import { readService, serviceConfig } from './service-file.js'

/** One connection of a command. */
export interface Connection {
  readonly db: Queryable
  readonly client: pg.Client
  readonly address: Address
  /** Cancels the statement that is running, from a second connection. */
  cancel(): Promise<void>
  /** Opens a further connection to the same database as the same role; end it. */
  another(): Promise<pg.Client>
}

const connectTimeoutMs = 10_000

/** Reading the catalog waits for tables that are locked exclusively, too. */
const defaultLockTimeoutMs = 10_000

/**
 * Connects, runs `use` and closes the connection. While it runs, Ctrl-C cancels the statement that
 * the server is executing.
 *
 * @throws CONNECTION_FAILED, AUTHENTICATION_FAILED, INTERRUPTED, and what `use` throws.
 */
export async function withConnection<T>(
  target: ConnectionTarget,
  env: CommandEnvironment,
  use: (connection: Connection) => Promise<T>,
  lockTimeoutMs: number = defaultLockTimeoutMs,
): Promise<T> {
  const config = { ...clientConfig(target, env), ...(await serviceOf(target, env)) }
  const client = await newClient(config)
  const address = addressOf(client, env)
  await connect(client, address, env.signal)
  const cancel = (): Promise<void> => cancelBackend(client, config)
  const another = async (): Promise<pg.Client> => {
    const other = await newClient(config)
    await other.connect()
    return other
  }
  const onAbort = (): void => void cancel().catch(() => undefined)
  env.signal.addEventListener('abort', onAbort, { once: true })
  try {
    const db: Queryable = client
    await client.query("select set_config('lock_timeout', $1, false)", [`${lockTimeoutMs}ms`])
    return await use({ db, client, address, cancel, another })
  } catch (error) {
    if (env.signal.aborted && isCancelled(error)) throw interrupted(error)
    throw error
  } finally {
    env.signal.removeEventListener('abort', onAbort)
    await client.end().catch(() => undefined)
  }
}

/** `acme on localhost:5432 as migrator`. */
export function describeAddress(address: Address): string {
  return `${address.database} on ${hostAndPort(address)} as ${address.user}`
}

async function connect(client: pg.Client, address: Address, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw interrupted(signal.reason)
  let onAbort = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(interrupted(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
  })
  const connecting = client.connect()
  try {
    await Promise.race([connecting, aborted])
  } catch (error) {
    connecting.catch(() => undefined)
    void client.end().catch(() => undefined)
    throw connectionError(error, address)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function newClient(config: pg.ClientConfig): Promise<pg.Client> {
  const { Client } = (await import('pg')).default
  const client = new Client(config)
  // A connection that breaks while idle is reported by the next statement.
  client.on('error', () => undefined)
  return client
}

function clientConfig(target: ConnectionTarget, env: CommandEnvironment): pg.ClientConfig {
  const { variables } = env
  const common = {
    application_name: 'watertight',
    connectionTimeoutMillis: connectTimeoutMs,
    ...(variables['PGPASSWORD'] && { password: variables['PGPASSWORD'] }),
  }
  if (target.url !== undefined) {
    return { ...common, connectionString: withPassword(target.url, variables['PGPASSWORD']) }
  }
  const port = Number.parseInt(variables['PGPORT'] ?? '', 10)
  return {
    ...common,
    ...(variables['PGHOST'] && { host: variables['PGHOST'] }),
    ...(Number.isInteger(port) && { port }),
    ...(variables['PGUSER'] && { user: variables['PGUSER'] }),
    ...(variables['PGDATABASE'] && { database: variables['PGDATABASE'] }),
  }
}

/** What a service file says, which counts for more than the other PG* variables, as in libpq. */
async function serviceOf(
  target: ConnectionTarget,
  env: CommandEnvironment,
): Promise<pg.ClientConfig> {
  const name = env.variables['PGSERVICE'] ?? ''
  if (target.url !== undefined || name === '') return {}
  return serviceConfig(await readService(name, env.variables))
}

/** The URL with the password of the environment where it has none of its own. */
function withPassword(text: string, password: string | undefined): string {
  const url = new URL(text)
  if (password === undefined || password === '' || url.password !== '') return text
  url.password = encodeURIComponent(password)
  return url.href
}

function addressOf(client: pg.Client, env: CommandEnvironment): Address {
  const user = client.user ?? env.variables['USER'] ?? 'postgres'
  return { host: client.host, port: client.port, database: client.database ?? user, user }
}

async function cancelBackend(client: pg.Client, config: pg.ClientConfig): Promise<void> {
  const { rows } = await withOther(config, (other) =>
    other.query<{ pid: number }>('select pg_cancel_backend($1) as pid', [processIdOf(client)]),
  )
  if (rows.length === 0) throw new Error('pg_cancel_backend gave no row')
}

async function withOther<T>(
  config: pg.ClientConfig,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await newClient(config)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

function processIdOf(client: pg.Client): number {
  // pg sets processID from BackendKeyData; @types/pg does not declare it.
  const id: unknown = Reflect.get(client, 'processID')
  if (typeof id !== 'number') throw new Error('the server sent no backend process id')
  return id
}

function isCancelled(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const state: unknown =
    error instanceof WatertightError ? error.sqlState : Reflect.get(error, 'code')
  return state === '57014'
}

function interrupted(cause: unknown): WatertightError {
  return new WatertightError('INTERRUPTED', 'interrupted; nothing was changed', { cause })
}
