import { parseArgs } from 'node:util'
import { backendTime } from './backend-time.js'
import { machineLine, markdownTable, withClient, withServer } from './bench-server.js'
import { generatePrismaClient } from './prisma-client.js'
import { rawWhere } from './adapters/raw-where.js'
import { watertight } from './adapters/watertight.js'
import { boundPairs } from './orms/bound-pairs.js'
import type { Adapter, Subject } from './throughput/adapter.js'
import { ormPairs } from './throughput/adapters.js'
import { withShops } from './throughput/databases.js'
import type { Shops } from './throughput/databases.js'
import { bareOf, tenancyOf } from './throughput/orm-pair.js'
import { interleave, ratioOf, spreadOf } from './throughput/rounds.js'
import type { Spread } from './throughput/rounds.js'
import { idOf } from './throughput/shop.js'
import { dependentReads } from './workloads/dependent-reads.js'

/*
 * Processor time of one read in an ORM, without tenancy and with it, in one process and apart from the
 * server's, so that a busy machine changes neither:
 *   npm run bench:orm-cost -- [--only kysely,drizzle] [--rounds 40] [--reads 400] [--warm 12000]
 *     [--callers 8] [--workload 'list of ten'] [--json]
 * Uses the server of DATABASE_URL, or starts one on this machine; makes and drops databases and roles.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '40' },
    reads: { type: 'string', default: '400' },
    warm: { type: 'string', default: '12000' },
    workload: { type: 'string' },
    callers: { type: 'string', default: '8' },
    json: { type: 'boolean', default: false },
  },
})

const size = { tenants: 100, itemsPerTenant: 100 }
const rounds = Number(values.rounds)
const readsOfSample = Number(values.reads)
// Until its code is compiled, the compiler is what is measured.
const readsBefore = Number(values.warm)
const callers = Number(values.callers)

/** Microseconds of processor time per read. */
interface Cost {
  readonly client: number
  readonly server: number
}

/** Of the least disturbed fifth of the rounds; `rounds` has the ratio within each of all. */
interface Compared {
  readonly bare: number
  readonly tenancy: number
  readonly ratio: number
  readonly rounds: Spread
}

interface OrmCost {
  readonly orm: string
  readonly workload: string
  readonly client: Compared
  readonly server: Compared
}

/** The same without tenancy and with it. */
interface Pair {
  readonly name: string
  readonly bare: Adapter
  readonly tenancy: Adapter
}

/** `pg` itself, each ORM under the ambient context, and those that take a handle under a handle. */
const pairs: readonly Pair[] = [
  { name: 'pg', bare: rawWhere, tenancy: watertight },
  ...ormPairs.map((pair) => ({ name: pair.name, bare: bareOf(pair), tenancy: tenancyOf(pair) })),
  ...boundPairs,
]

type Workload = (subject: Subject, index: number) => Promise<unknown>

const workloads: Readonly<Record<string, Workload>> = {
  'primary-key read': (subject, index) => {
    const tenant = index % size.tenants
    return subject.readItem(idOf('tenant', tenant), idOf('item', tenant, index % 97))
  },
  'list of ten': (subject, index) => subject.listItems(idOf('tenant', index % size.tenants)),
  // An ORM by itself opens no transaction for these.
  'three dependent reads': (subject, index) => dependentReads.run(subject, index, size, rawWhere),
}

let index = 0

const costs = await withServer((url) =>
  withShops(url, size, async (shops) => {
    const only = values.only?.split(',')
    const found: OrmCost[] = []
    // Without a tenant the list of ten is found by its position alone.
    await withClient(shops.adminUrls.unscoped, (client) =>
      client.query('create index on shop.items (position)'),
    )
    for (const pair of pairs) {
      if (only !== undefined && !only.includes(pair.name)) continue
      if (pair.name === 'prisma') await generatePrismaClient()
      found.push(...(await measurePair(pair, shops)))
    }
    if (!values.json) console.log(`${await machineLine(url)}\n`)
    return found
  }),
)
console.log(values.json ? JSON.stringify(costs, null, 2) : table(costs))

async function measurePair(pair: Pair, shops: Shops): Promise<readonly OrmCost[]> {
  const open = async (kind: 'unscoped' | 'signed'): Promise<Subject> => {
    const { signingKey, urls } = shops
    return (kind === 'unscoped' ? pair.bare : pair.tenancy).open({
      url: urls[kind],
      signingKey,
      poolSize: callers,
    })
  }
  const subjects = { bare: await open('unscoped'), tenancy: await open('signed') }
  const backends = { bare: shops.adminUrls.unscoped, tenancy: shops.adminUrls.signed }
  const costs: OrmCost[] = []
  for (const [workload, run] of Object.entries(workloads)) {
    if (values.workload !== undefined && workload !== values.workload) continue
    if (workload === dependentReads.name && pair.name !== 'pg') continue
    const names = ['bare', 'tenancy'] as const
    for (const name of names) await sample(subjects[name], run, [], readsBefore)
    const pids = {
      bare: await backendsOf(backends.bare),
      tenancy: await backendsOf(backends.tenancy),
    }
    const samples = await interleave(names, rounds, (name) =>
      sample(subjects[name], run, pids[name], readsOfSample),
    )
    const of = (name: 'bare' | 'tenancy', side: keyof Cost): readonly number[] =>
      (samples.get(name) ?? []).map((cost) => cost[side])
    costs.push({
      orm: pair.name,
      workload,
      client: compared(of('bare', 'client'), of('tenancy', 'client')),
      server: compared(of('bare', 'server'), of('tenancy', 'server')),
    })
  }
  for (const subject of Object.values(subjects)) await subject.close()
  return costs
}

async function sample(
  subject: Subject,
  run: Workload,
  pids: readonly number[],
  reads: number,
): Promise<Cost> {
  const serverBefore = await backendTime(pids)
  const before = process.cpuUsage()
  const end = index + reads
  const caller = async (): Promise<void> => {
    while (index < end) await run(subject, (index += 1))
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const { user, system } = process.cpuUsage(before)
  const server = (await backendTime(pids)) - serverBefore
  return { client: (user + system) / reads, server: server / reads }
}

async function backendsOf(adminUrl: string): Promise<readonly number[]> {
  return withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    )
    return rows.map(({ pid }) => pid)
  })
}

/** What else runs on the machine only adds: caches that went cold, a slower clock. */
function compared(bare: readonly number[], tenancy: readonly number[]): Compared {
  const [before, after] = [leastOf(bare), leastOf(tenancy)]
  return {
    bare: before,
    tenancy: after,
    ratio: after / before,
    rounds: ratioOf(tenancy, bare),
  }
}

function leastOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  return spreadOf(sorted.slice(0, Math.ceil(sorted.length / 5))).median
}

function table(found: readonly OrmCost[]): string {
  const cells = ({ bare, tenancy, ratio, rounds: { median } }: Compared): string[] => [
    `${bare.toFixed(0)} -> ${tenancy.toFixed(0)}`,
    `${ratio.toFixed(2)} (${median.toFixed(2)})`,
  ]
  return markdownTable(
    ['ORM', 'workload', 'client, µs', 'ratio (all rounds)', 'server, µs', 'ratio (all rounds)'],
    found.map(({ orm, workload, client, server }) => [
      orm,
      workload,
      ...cells(client),
      ...cells(server),
    ]),
  )
}
