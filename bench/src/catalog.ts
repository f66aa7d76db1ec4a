import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { readCatalog } from 'watertight/catalog'
import { ident, sql } from 'watertight/sql'
import { createLargeSchema } from './large-schema.js'

/*
 * Time and peak memory of readCatalog() on schemas of growing size:
 *   node bench/dist/catalog.js postgres://postgres@localhost/postgres [--tables 100,1000,4000]
 * Makes and drops a database of its own for each size. Every size is read in a process of its own,
 * because the peak of a process never goes down.
 */
const self = fileURLToPath(import.meta.url)
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    tables: { type: 'string', default: '100,1000,4000' },
    read: { type: 'boolean', default: false },
  },
})
const url = positionals[0] ?? process.env['DATABASE_URL']
if (url === undefined) {
  console.error('usage: node bench/dist/catalog.js URL [--tables 100,1000,4000]')
  process.exitCode = 64
} else if (values.read) await read(url)
else for (const tables of values.tables.split(',')) await measure(url, Number(tables))

async function measure(serverUrl: string, tables: number): Promise<void> {
  const database = `watertight_bench_${process.pid}_${tables}`
  const target = new URL(serverUrl)
  target.pathname = `/${database}`
  await withClient(serverUrl, async (client) => {
    await client.query(sql`create database ${ident(database)}`.text)
  })
  try {
    await withClient(target.href, (client) => createLargeSchema(client, { tables }))
    await runChild(target.href)
  } finally {
    await withClient(serverUrl, async (client) => {
      await client.query(sql`drop database ${ident(database)} with (force)`.text)
    })
  }
}

/** Reads three times and prints the first (cold caches) and the fastest time. */
async function read(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const baseline = peakMegabytes()
    const times: number[] = []
    let tables = 0
    for (let run = 0; run < 3; run += 1) {
      const started = performance.now()
      tables = (await readCatalog(client, { schemas: ['large'] })).relations.length
      times.push(performance.now() - started)
      if (run === 0) console.log(`${tables} tables: first ${times[0]?.toFixed(0)} ms`)
    }
    console.log(
      `${tables} tables: fastest ${Math.min(...times).toFixed(0)} ms, ` +
        `peak ${peakMegabytes()} MB (${baseline} MB before reading)`,
    )
  })
}

/** Highest resident set size of this process so far; `maxRSS` is in kilobytes. */
function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}

async function runChild(databaseUrl: string): Promise<void> {
  const child = spawn(process.execPath, [self, databaseUrl, '--read'], { stdio: 'inherit' })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  if (code !== 0) throw new Error(`reading ended with exit code ${code}`)
}

async function withClient(
  connectionString: string,
  use: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}
