import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { WatertightError } from 'watertight/errors'
import { ident, sql } from 'watertight/sql'

/** A database to mutate copies of, on a server where databases may be made. */
export interface Scratch {
  /** Superuser URL of the database that copies are made of. INVARIANT: it is never changed. */
  readonly url: string
  /** What the user named, without credentials. */
  readonly source: string
  /** The server is ours alone, so that what lives in the cluster may be mutated too. */
  readonly isOwnServer: boolean
  /** Drops every copy that is left. */
  dropCopies(): Promise<void>
  /** Makes a copy and returns its URL. */
  copy(): Promise<string>
  drop(url: string): Promise<void>
}

/** Copies of the database at `url`; `maintenance` is another database of the same server. */
export function scratchOn(
  url: string,
  maintenance: string,
  described: Pick<Scratch, 'source' | 'isOwnServer'>,
): Scratch {
  const template = databaseOf(url)
  const alive = new Set<string>()
  const stem = `watertight_mutant_${process.pid.toString(36)}_${Date.now().toString(36)}`
  let serial = 0
  const drop = async (name: string): Promise<void> => {
    await withClient(maintenance, (client) =>
      client.query(sql`drop database if exists ${ident(name)} with (force)`.text),
    )
    alive.delete(name)
  }
  return {
    url,
    ...described,
    async copy() {
      serial += 1
      const name = `${stem}_${serial}`
      alive.add(name)
      await withClient(maintenance, (client) => copyDatabase(client, template, name))
      return urlOf(url, name)
    },
    drop: (copy) => drop(databaseOf(copy)),
    async dropCopies() {
      for (const name of alive) await drop(name)
    },
  }
}

const copyAttempts = 20

/** A session that has just ended is in the way for a moment longer; one that stays is refused. */
async function copyDatabase(client: pg.Client, template: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(sql`create database ${ident(name)} template ${ident(template)}`.text)
      return
    } catch (error) {
      const isInUse = error instanceof pg.DatabaseError && error.code === '55006'
      if (!isInUse) throw error
      if (attempt === copyAttempts) {
        throw new WatertightError('LOCK_NOT_AVAILABLE', `somebody is connected to ${template}`, {
          object: template,
          hint: 'PostgreSQL copies a database only while nobody is connected to it.',
          cause: error,
        })
      }
      await setTimeout(100)
    }
  }
}

/** The URL with another database, and another role without a password where one is given. */
export function urlOf(url: string, database: string, role?: string): string {
  const made = new URL(url)
  made.pathname = `/${encodeURIComponent(database)}`
  if (role !== undefined) {
    made.username = encodeURIComponent(role)
    made.password = ''
  }
  return made.href
}

/** The database that a URL names. */
export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}

/** Connects, runs `use` and ends the connection. Not bound to Ctrl-C: it also cleans up. */
export async function withClient<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectTo(url)
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Opens a connection; end it. */
export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'watertight' })
  client.on('error', () => undefined)
  await client.connect()
  return client
}
