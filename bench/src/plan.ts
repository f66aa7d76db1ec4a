import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startEmbeddedPostgres } from '@watertight/cli/embedded-postgres'
import pg from 'pg'
import { readCatalog } from 'watertight/catalog'
import { applyPlan, canonicaliseConditions, schemasOf } from 'watertight/migrate'
import { defineTenancy } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import { planIsolation } from 'watertight/plan'
import { ident, sql } from 'watertight/sql'
import { createLargeSchema } from './large-schema.js'

/*
 * Time and peak memory of a plan on schemas of growing size, each in a process of its own:
 *   npm run bench:plan -- [--tables 100,1000,4000] [--apply] [--json] [--out bench/results]
 * Uses the server of DATABASE_URL, or starts one; makes and drops a database for each size.
 */
interface Measurement {
  readonly tables: number
  readonly columns: number
  readonly policies: number
  readonly steps: number
  /** Milliseconds. */
  readonly readMs: number
  readonly canonicaliseMs: number
  readonly planMs: number
  readonly applyMs: number | null
  readonly totalMs: number
  /** Highest resident set size in megabytes, before and after the plan. */
  readonly baselineMb: number
  readonly peakMb: number
}

const self = fileURLToPath(import.meta.url)
const { values } = parseArgs({
  options: {
    tables: { type: 'string', default: '100,1000,4000' },
    apply: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    measure: { type: 'string' },
  },
})

if (values.measure !== undefined) await measure(values.measure, Number(values.tables))
else await run()

async function run(): Promise<void> {
  const given = process.env['DATABASE_URL']
  const server = given ? null : await startEmbeddedPostgres({ auth: 'trust' })
  try {
    const url = given ?? server?.url ?? ''
    const results: Measurement[] = []
    for (const tables of values.tables.split(',').map(Number)) {
      results.push(await measureIn(url, tables))
    }
    console.log(values.json ? JSON.stringify(results, null, 2) : table(results))
    if (values.out !== undefined) await record(values.out, url, results)
  } finally {
    await server?.stop()
  }
}

/** Makes a database of that size and measures it in a child: a process's peak never goes down. */
async function measureIn(serverUrl: string, tables: number): Promise<Measurement> {
  const database = `watertight_bench_${process.pid}_${tables}`
  const target = new URL(serverUrl)
  target.pathname = `/${database}`
  await withClient(serverUrl, async (client) => {
    await client.query(sql`create database ${ident(database)}`.text)
  })
  try {
    await withClient(target.href, (client) => createLargeSchema(client, { tables }))
    return await child(target.href, tables)
  } finally {
    await withClient(serverUrl, async (client) => {
      await client.query(sql`drop database ${ident(database)} with (force)`.text)
    })
  }
}

async function child(url: string, tables: number): Promise<Measurement> {
  const options = [self, '--measure', url, '--tables', String(tables)]
  const started = spawn(process.execPath, values.apply ? [...options, '--apply'] : options, {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  started.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    started.once('error', reject)
    started.once('close', resolve)
  })
  if (code !== 0) throw new Error(`measuring ${tables} tables ended with exit code ${code}`)
  return JSON.parse(output) as Measurement
}

async function measure(url: string, tables: number): Promise<void> {
  await withClient(url, async (client) => {
    const model = modelOf(tables)
    const baselineMb = peakMegabytes()
    const [snapshot, readMs] = await timed(() => readCatalog(client, { schemas: schemasOf(model) }))
    const [conditions, canonicaliseMs] = await timed(() => canonicaliseConditions(client, model))
    const [plan, planMs] = await timed(() =>
      Promise.resolve(planIsolation(model, snapshot, conditions)),
    )
    const peakMb = peakMegabytes()
    const applied = values.apply ? await timed(() => applyPlan(client, plan, { allow })) : null
    const measurement: Measurement = {
      tables,
      columns: snapshot.relations.reduce((sum, { columns }) => sum + columns.length, 0),
      policies: snapshot.relations.reduce((sum, { policies }) => sum + policies.length, 0),
      steps: plan.steps.length,
      readMs,
      canonicaliseMs,
      planMs,
      applyMs: applied && applied[1],
      totalMs: readMs + canonicaliseMs + planMs,
      baselineMb,
      peakMb,
    }
    process.stdout.write(JSON.stringify(measurement))
  })
}

const allow = ['WIDENS_ACCESS', 'DROPS_POLICY']

function modelOf(tables: number): TenancyModel {
  const names = Array.from({ length: tables }, (_, index) => `large.t_${index + 1}`)
  return defineTenancy({
    schemas: ['large'],
    roles: { prefix: `watertight_bench_${process.pid}` },
    tables: Object.fromEntries(
      names.map((name, index) => [
        name,
        {
          scope: 'tenant' as const,
          auditor: true,
          // One table in a hundred publishes something: each condition is tried on the server.
          ...(index % 100 === 0 && { public: { where: `label <> 'draft'`, columns: ['id'] } }),
        },
      ]),
    ),
  })
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now()
  return [await work(), performance.now() - started]
}

/** `maxRSS` is in kilobytes. */
function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}

/** The last column is the cost of a table relative to the first row: 1 where cost is linear. */
function table(results: readonly Measurement[]): string {
  const perTable = ({ totalMs, tables }: Measurement): number => totalMs / tables
  const first = results[0]
  const names =
    'tables,columns,policies,steps,read ms,canonicalise ms,plan ms,apply ms,total ms,peak MB (before),cost per table'
  const header = names.split(',')
  const rows = results.map((row) => [
    row.tables,
    row.columns,
    row.policies,
    row.steps,
    row.readMs.toFixed(0),
    row.canonicaliseMs.toFixed(0),
    row.planMs.toFixed(0),
    row.applyMs?.toFixed(0) ?? '-',
    row.totalMs.toFixed(0),
    `${row.peakMb} (${row.baselineMb})`,
    `${(first ? perTable(row) / perTable(first) : 1).toFixed(2)} x`,
  ])
  return [header, header.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

async function record(folder: string, url: string, results: readonly Measurement[]): Promise<void> {
  const version = await withClient(url, async (client) => {
    const { rows } = await client.query<{ version: string }>(
      "select current_setting('server_version') as version",
    )
    return rows[0]?.version ?? 'unknown'
  })
  const date = new Date().toISOString().slice(0, 10)
  const [cpu] = cpus()
  const text = [
    `# Plans on growing schemas, ${date}`,
    '',
    `${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, ` +
      `${platform()} ${release()} ${arch()}; Node ${process.version}; PostgreSQL ${version}.`,
    'Made by `npm run bench:plan -- --out bench/results`; a process per size. Total is read +',
    'canonicalise + plan; peak is the resident set before applying.',
    '',
    table(results),
    '',
  ].join('\n')
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}/plan-${date}.md`, text)
}

async function withClient<T>(
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
