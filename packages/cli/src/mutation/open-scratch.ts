import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type pg from 'pg'
import type { CatalogSnapshot } from 'watertight/catalog'
import { WatertightError } from 'watertight/errors'
import { ident, joinSql, sql } from 'watertight/sql'
import type { CommandEnvironment } from '../command-environment.js'
import { connectionTarget } from '../connection/connection-target.js'
import { withConnection } from '../connection/open-connection.js'
import { loadScript } from '../input/load-script.js'
import { refuseIfAborted } from '../input/open-source.js'
import { readSource } from '../input/read-source.js'
import type { Script } from '../input/script-file.js'
import { printableLine } from '../terminal/printable.js'
import { createProgress } from '../terminal/progress.js'
import { scratchOn, urlOf, withClient } from './scratch.js'
import type { Scratch } from './scratch.js'

const run = promisify(execFile)

export interface ScratchInput {
  readonly operands?: readonly string[]
  readonly scratchUrl?: string | undefined
  readonly serverVersion?: '15' | '16' | '17' | '18' | undefined
}

/**
 * Makes a scratch database of what the user names and runs `use`; removes all of it afterwards. The
 * source is read and never changed: what is mutated are copies on a server of its own, or of a
 * database that the user declares scratch.
 *
 * @throws INVALID_INPUT, LOAD_FAILED, CONNECTION_FAILED, EMBEDDED_POSTGRES_FAILED
 */
export async function withScratch<T>(
  input: ScratchInput,
  env: CommandEnvironment,
  use: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  if (input.scratchUrl !== undefined) {
    const { url = '' } = connectionTarget({ argument: input.scratchUrl }, env.variables)
    const { pathname, host } = new URL(url)
    const described = { source: `${pathname.slice(1)} on ${host}`, isOwnServer: false }
    return cleanedUp(scratchOn(url, urlOf(url, 'postgres'), described), use)
  }
  const { startEmbeddedPostgres } = await import('../embedded-postgres/index.js')
  const loaded = await scriptsOf(input, env)
  refuseIfAborted(env.signal)
  const progress = createProgress(env.err)
  const major = Number(input.serverVersion ?? loaded.major) as 15 | 16 | 17 | 18
  const server = await startEmbeddedPostgres({
    major,
    // Reachable on the loopback interface alone; tests log in as any role.
    auth: 'trust',
    onProgress: (line) => progress.step(line),
  })
  try {
    await withClient(server.url, (client) => client.query('create database watertight_base'))
    const url = urlOf(server.url, 'watertight_base')
    await withClient(url, async (client) => {
      for (const statement of loaded.roles) await client.query(statement)
      const notes = new Set<string>()
      for (const [index, script] of loaded.scripts.entries()) {
        progress.step(`loading ${script.name}`, index, loaded.scripts.length)
        await client.query('reset all')
        await loadScript(client, script, {
          skipsStrayRows: true,
          onNote: (note) => notes.add(note),
          refuseIfAborted: () => refuseIfAborted(env.signal),
        })
      }
      progress.end()
      for (const note of notes) env.err.lines(`note: ${printableLine(note)}`)
    })
    return await cleanedUp(
      scratchOn(url, server.url, { source: loaded.name, isOwnServer: true }),
      use,
    )
  } finally {
    progress.end()
    await server.stop()
  }
}

async function cleanedUp<T>(scratch: Scratch, use: (scratch: Scratch) => Promise<T>): Promise<T> {
  try {
    return await use(scratch)
  } finally {
    await scratch.dropCopies()
  }
}

interface Loaded {
  readonly name: string
  readonly scripts: readonly Script[]
  readonly roles: readonly string[]
  readonly major: number
}

async function scriptsOf(input: ScratchInput, env: CommandEnvironment): Promise<Loaded> {
  const source = await readSource(input.operands?.[0], env)
  if (source.kind === 'scripts') {
    const { name, scripts } = source
    const header = scripts[0]?.text.slice(0, 2_000) ?? ''
    const dumped = /^-- Dumped from database version (1[5-8])\b/m.exec(header)?.[1]
    return { name, scripts, roles: [], major: Number(dumped ?? 18) }
  }
  const target = connectionTarget({ argument: source.url }, env.variables)
  return withConnection(target, env, async ({ client, address }) => {
    const { readCatalog } = await import('watertight/catalog')
    const catalog = await readCatalog(client, { schemas: 'all' })
    const text = await dumpOf(client, env)
    const name = `${address.database} on ${address.host}`
    return {
      name,
      scripts: [{ name: `the schema of ${name}`, text }],
      roles: roleStatements(catalog),
      major: Math.floor(catalog.server.versionNum / 10_000),
    }
  })
}

/** The password goes through the environment, never through the process list. */
async function dumpOf(client: pg.Client, env: CommandEnvironment): Promise<string> {
  const { host, port, user, database, password } = client
  try {
    const { stdout } = await run('pg_dump', ['--schema-only', '--no-password'], {
      maxBuffer: 400_000_000,
      env: {
        ...env.variables,
        PGHOST: host,
        PGPORT: String(port),
        ...(user !== undefined && { PGUSER: user }),
        ...(database !== undefined && { PGDATABASE: database }),
        ...(typeof password === 'string' && { PGPASSWORD: password }),
      },
    })
    return stdout
  } catch (error) {
    const detail = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    throw new WatertightError(
      'INVALID_INPUT',
      `the schema of the database cannot be copied with pg_dump${detail === '' ? '' : `: ${detail}`}`,
      {
        object: 'pg_dump',
        hint: 'Install a pg_dump of the version of the server, give a dump or the migrations, or name a database that may be copied with --scratch-url.',
        cause: error,
      },
    )
  }
}

/** Roles as the source has them, without passwords. A dump holds none. */
function roleStatements({ roles, memberships }: CatalogSnapshot): readonly string[] {
  const known = new Set(roles.map(({ name }) => name).filter((name) => name !== 'postgres'))
  const made = roles
    .filter(({ name }) => known.has(name))
    .map(({ name, superuser, bypassRls, canLogin, inherit, createRole }) => {
      const attributes = [
        superuser ? sql`superuser` : sql`nosuperuser`,
        bypassRls ? sql`bypassrls` : sql`nobypassrls`,
        canLogin ? sql`login` : sql`nologin`,
        inherit ? sql`inherit` : sql`noinherit`,
        createRole ? sql`createrole` : sql`nocreaterole`,
      ]
      return sql`create role ${ident(name)} ${joinSql(attributes, ' ')}`.text
    })
  const joined = memberships
    .filter(({ role, member }) => known.has(role) && known.has(member))
    .map(({ role, member }) => sql`grant ${ident(role)} to ${ident(member)}`.text)
  return [...made, ...joined]
}
