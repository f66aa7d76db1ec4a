import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { check } from '@watertight/verifier'
import type { ProofCache } from '@watertight/verifier'
import { ident, sql } from 'watertight/sql'
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
import { createTypicalSchema, typicalModel } from './typical-schema.js'

/*
 * Time and peak memory of `check` (catalog, lint, prove) on schemas of growing size: a first run, a
 * second one with the proofs of the first, and a third after one policy has changed; each in a process
 * of its own.
 *   npm run bench:check -- [--tables 250,500,1000,2000] [--json] [--out bench/results]
 * Uses the server of DATABASE_URL, or starts one; makes and drops a database for each size.
 */
interface Run {
  /** Milliseconds of processor time by stage. */
  readonly stages: Readonly<Record<Stage, number>>
  readonly totalMs: number
  /** Processor time of all threads, which says more than `totalMs` on a busy machine. */
  readonly cpuMs: number
  /** From start to end of the process, which ends by itself. */
  readonly processMs: number
  /** Highest resident set size in megabytes, Z3 included. */
  readonly peakMb: number
  readonly verdicts: Readonly<Record<string, number>>
}

interface Measurement {
  readonly tables: number
  readonly first: Run
  readonly unchanged: Run
  readonly onePolicyChanged: Run
}

type Stage = 'catalog' | 'lint' | 'prove'

const self = fileURLToPath(import.meta.url)
const { values } = parseArgs({
  options: {
    tables: { type: 'string', default: '250,500,1000,2000' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    measure: { type: 'string' },
    role: { type: 'string', default: '' },
    cache: { type: 'string', default: '' },
  },
})

const runNames: Readonly<Record<string, string>> = {
  first: 'first',
  unchanged: 'unchanged',
  onePolicyChanged: 'one policy changed',
}

if (values.measure !== undefined) await measure(values.measure)
else await run()

async function run(): Promise<void> {
  await withServer(async (url) => {
    const results: Measurement[] = []
    for (const tables of parseSizes(values.tables)) results.push(await measureIn(url, tables))
    console.log(values.json ? JSON.stringify(results, null, 2) : table(results))
    if (values.out !== undefined) await record(values.out, url, results)
  })
}

async function measureIn(serverUrl: string, tables: number): Promise<Measurement> {
  const name = `watertight_bench_${process.pid}_${tables}`
  const cache = await mkdtemp(join(tmpdir(), 'watertight-bench-'))
  try {
    return await withDatabase(serverUrl, name, async (url) => {
      await withClient(url, (client) => createTypicalSchema(client, { tables, role: name }))
      const first = await child(url, name, cache)
      const unchanged = await child(url, name, cache)
      await withClient(url, (client) =>
        client.query('alter policy own on app.t_0 using (tenant_id = app.tenant() and id > 0)'),
      )
      const onePolicyChanged = await child(url, name, cache)
      return { tables, first, unchanged, onePolicyChanged }
    })
  } finally {
    await rm(cache, { recursive: true, force: true })
    await withClient(serverUrl, (client) =>
      client.query(sql`drop role if exists ${ident(name)}`.text),
    )
  }
}

async function child(url: string, role: string, cache: string): Promise<Run> {
  const since = performance.now()
  const output = await runChild(self, ['--measure', url, '--role', role, '--cache', cache])
  const measured = JSON.parse(output) as Omit<Run, 'processMs'>
  return { ...measured, processMs: performance.now() - since }
}

async function measure(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const started = performance.now()
    const since = new Map<string, number>()
    const result = await check(client, {
      model: typicalModel(values.role),
      live: false,
      cache: filesIn(values.cache),
      now: () => new Date(),
      onProgress: ({ stage }) => {
        if (!since.has(stage)) since.set(stage, cpuMs())
      },
    })
    const ended = cpuMs()
    const at = (stage: Stage): number => since.get(stage) ?? ended
    const { proven, leak, unknown, notApplicable } = result.summary
    const run: Omit<Run, 'processMs'> = {
      stages: {
        catalog: at('lint') - at('catalog'),
        lint: at('prove') - at('lint'),
        prove: ended - at('prove'),
      },
      totalMs: performance.now() - started,
      cpuMs: cpuMs(),
      peakMb: peakMegabytes(),
      verdicts: { proven, leak, unknown, notApplicable },
    }
    process.stdout.write(JSON.stringify(run))
  })
}

/** The least that a store can be; what the command line keeps is authenticated, too. */
function filesIn(folder: string): ProofCache {
  const path = (key: string): string => join(folder, key)
  return {
    get: (key) => readFile(path(key), 'utf8').catch(() => undefined),
    set: (key, value) => writeFile(path(key), value),
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function table(results: readonly Measurement[]): string {
  const names =
    'tables,run,catalog CPU ms,lint CPU ms,prove CPU ms,all CPU ms,CPU ms per table,total ms,process ms,peak MB,proven,leak,unknown,not applicable'
  const header = names.split(',')
  const rows = results.flatMap(({ tables, ...runs }) =>
    Object.entries(runs).map(([name, { stages, verdicts, ...run }]) => [
      tables,
      runNames[name] ?? name,
      stages.catalog.toFixed(0),
      stages.lint.toFixed(0),
      stages.prove.toFixed(0),
      run.cpuMs.toFixed(0),
      (run.cpuMs / tables).toFixed(1),
      run.totalMs.toFixed(0),
      run.processMs.toFixed(0),
      run.peakMb,
      ...Object.values(verdicts),
    ]),
  )
  return markdownTable(header, rows)
}

async function record(folder: string, url: string, results: readonly Measurement[]): Promise<void> {
  const machine = await machineLine(url)
  const text = [
    `# Checks of growing schemas, ${today()}`,
    '',
    `${machine}.`,
    'Made by `npm run bench:check -- --out bench/results`; a process per run. Processor time is that of',
    'all threads, from the start of the process; `prove` includes starting Z3 and putting the result together.',
    '',
    table(results),
    '',
  ].join('\n')
  await recordResult(folder, 'check', text, { machine, results })
}
