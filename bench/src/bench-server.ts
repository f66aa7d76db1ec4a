import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@watertight/cli/embedded-postgres'
import pg from 'pg'
import { ident, joinSql, sql } from 'watertight/sql'
import { toTheEnd } from './to-the-end.js'

/**
 * Runs `use` with the URL of the server of `DATABASE_URL`, or of one that is started for it. A process
 * that ends before that is over says so and fails.
 */
export function withServer<T>(
  use: (url: string) => Promise<T>,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> {
  return toTheEnd(() => useServer(use, settings))
}

async function useServer<T>(
  use: (url: string) => Promise<T>,
  settings: Readonly<Record<string, string>>,
): Promise<T> {
  const given = process.env['DATABASE_URL']
  if (given) return use(given)
  const server = await startEmbeddedPostgres({ auth: 'trust', settings })
  try {
    return await use(server.url)
  } finally {
    await server.stop()
  }
}

export async function withClient<T>(
  connectionString: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** The URL of another database of the same server, as another role if one is given. */
export function urlOf(serverUrl: string, database: string, role?: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  if (role !== undefined) {
    url.username = role
    url.password = ''
  }
  return url.href
}

/** Makes a database, from a template if one is given, and drops it when `use` has ended. */
export async function withDatabase<T>(
  serverUrl: string,
  name: string,
  use: (url: string) => Promise<T>,
  template?: string,
): Promise<T> {
  const create = sql`create database ${ident(name)}`
  const copy = template === undefined ? create : sql`${create} template ${ident(template)}`
  await withClient(serverUrl, (client) => client.query(copy.text))
  try {
    return await use(urlOf(serverUrl, name))
  } finally {
    await withClient(serverUrl, (client) =>
      client.query(sql`drop database ${ident(name)} with (force)`.text),
    )
  }
}

/** Drops the roles whose names start with the prefix and an underscore. */
export async function dropRoles(serverUrl: string, prefix: string): Promise<void> {
  await withClient(serverUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'select rolname as name from pg_roles where starts_with(rolname, $1)',
      [`${prefix}_`],
    )
    if (rows.length === 0) return
    await client.query(sql`drop role ${joinSql(rows.map(({ name }) => ident(name)))}`.text)
  })
}

/** Runs a script in a process of its own and returns what it wrote to stdout. */
export async function runChild(
  script: string,
  options: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<string> {
  const child = spawn(process.execPath, [...nodeOptions, script, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${script} ended with exit code ${code}`)
  return output
}

/** Sizes given as `100,1000`. */
export function parseSizes(text: string): readonly number[] {
  return text.split(',').map((size) => {
    const count = Number(size)
    if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`"${size}" is not a size`)
    return count
  })
}

/** Highest resident set size of this process so far; `maxRSS` is in kilobytes. */
export function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  /** Load averages over 1, 5 and 15 minutes: figures of a busy machine say little. */
  readonly load: readonly number[]
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    load: loadavg().map((load) => Math.round(load * 10) / 10),
  }
}

export async function serverVersion(url: string): Promise<string> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ version: string }>(
      "select current_setting('server_version') as version",
    )
    return rows[0]?.version ?? 'unknown'
  })
}

/** One line for the head of a recorded result. */
export async function machineLine(url: string): Promise<string> {
  const { cores, cpu, memoryGb, system, node, load } = describeMachine()
  const version = await serverVersion(url)
  return `${cores} x ${cpu}, ${memoryGb} GB, ${system}; Node ${node}; PostgreSQL ${version}; load ${load.join(' ')}`
}

export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return [header, header.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

/** Writes `<name>-<date>.md`, and the figures beside it as JSON. */
export async function recordResult(
  folder: string,
  name: string,
  text: string,
  figures?: unknown,
): Promise<void> {
  const path = join(folder, `${name}-${today()}`)
  await mkdir(folder, { recursive: true })
  await writeFile(`${path}.md`, text)
  if (figures === undefined) return
  await writeFile(`${path}.json`, `${JSON.stringify(figures, null, 2)}\n`)
}

export function today(): string {
  return new Date().toISOString().slice(0, 10)
}
