import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readCatalog } from 'watertight/catalog'
import { applyPlan, canonicaliseConditions, schemasOf } from 'watertight/migrate'
import { defineTenancy } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import { planIsolation } from 'watertight/plan'
import {
  machineLine,
  markdownTable,
  parseSizes,
  peakMegabytes,
  recordResult,
  runChild,
  today,
  withClient,
  withDatabase,
  withServer,
} from './bench-server.js'
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
  await withServer(async (url) => {
    const results: Measurement[] = []
    for (const tables of parseSizes(values.tables)) results.push(await measureIn(url, tables))
    console.log(values.json ? JSON.stringify(results, null, 2) : table(results))
    if (values.out !== undefined) await record(values.out, url, results)
  })
}

/** Makes a database of that size and measures it in a child: a process's peak never goes down. */
function measureIn(serverUrl: string, tables: number): Promise<Measurement> {
  return withDatabase(serverUrl, `watertight_bench_${process.pid}_${tables}`, async (url) => {
    await withClient(url, (client) => createLargeSchema(client, { tables }))
    const options = ['--measure', url, '--tables', String(tables)]
    const output = await runChild(self, values.apply ? [...options, '--apply'] : options)
    return JSON.parse(output) as Measurement
  })
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
  return markdownTable(header, rows)
}

async function record(folder: string, url: string, results: readonly Measurement[]): Promise<void> {
  const text = [
    `# Plans on growing schemas, ${today()}`,
    '',
    `${await machineLine(url)}.`,
    'Made by `npm run bench:plan -- --out bench/results`; a process per size. Total is read +',
    'canonicalise + plan; peak is the resident set before applying.',
    '',
    table(results),
    '',
  ].join('\n')
  await recordResult(folder, 'plan', text)
}
