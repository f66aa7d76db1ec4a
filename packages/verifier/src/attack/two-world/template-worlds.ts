import { randomBytes } from 'node:crypto'
import { WatertightError } from 'watertight/errors'
import { ident, sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { WorldMaker } from './world-maker.js'

/** A connection that can be ended. */
export interface WorldConnection extends Queryable {
  end(): Promise<void>
}

/** How copies are made on the server of the checked database. */
export interface TemplateWorldOptions {
  /** The checked database; nobody may be connected to it while it is copied. */
  readonly source: string
  /** Connects as a superuser to a database of the same server. */
  connect(database: string): Promise<WorldConnection>
}

/**
 * Copies by `CREATE DATABASE … TEMPLATE`: roles are shared by the cluster, everything in the database is
 * copied as it is. Settings of `ALTER DATABASE` and the privileges of the database itself are not.
 *
 * @example
 * ```ts
 * const worlds = templateWorlds({ source: 'acme', connect: (database) => connectTo(database) })
 * await check(client, { model, live: true, worlds, now: () => new Date() })
 * ```
 */
export function templateWorlds({ source, connect }: TemplateWorldOptions): WorldMaker {
  const prefix = `watertight_world_${randomBytes(6).toString('hex')}`
  const model = `${prefix}_0`
  const made: string[] = []
  const open: WorldConnection[] = []

  // CREATE DATABASE needs a connection to some other database than its template.
  const copy = (from: string, to: string): Promise<void> =>
    using(connect, 'postgres', async (db) => {
      await db
        .query(sql`create database ${ident(to)} template ${ident(from)}`.text)
        .catch((cause: unknown) => refuse(source, cause))
      made.push(to)
    })

  return {
    async prepare(use) {
      await copy(source, model)
      await using(connect, model, use)
    },
    async open(count) {
      for (let n = 1; n <= count; n += 1) {
        const name = `${prefix}_${n}`
        await copy(model, name)
        open.push(await connect(name))
      }
      return open
    },
    async close() {
      await Promise.allSettled(open.map((connection) => connection.end()))
      if (made.length === 0) return
      await using(connect, 'postgres', async (db) => {
        for (const name of made) {
          await db.query(sql`drop database if exists ${ident(name)} with (force)`.text)
        }
      })
    },
  }
}

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['42501', 'the connected role may not create databases from it'],
  ['55006', 'other sessions are connected to it'],
])

function refuse(source: string, cause: unknown): never {
  const sqlState: unknown = Reflect.get(Object(cause), 'code')
  const reason = reasons.get(sqlState) ?? `the server refused it (${String(sqlState)})`
  throw new WatertightError('STATEMENT_FAILED', `${source} cannot be copied: ${reason}`, {
    object: source,
    hint: 'Check a dump or a folder of migrations: they are loaded into a server of their own.',
    ...(typeof sqlState === 'string' && { sqlState }),
    cause,
  })
}

async function using(
  connect: TemplateWorldOptions['connect'],
  database: string,
  use: (db: Queryable) => Promise<void>,
): Promise<void> {
  const connection = await connect(database)
  try {
    await use(connection)
  } finally {
    await connection.end()
  }
}
