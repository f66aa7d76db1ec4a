import pg from 'pg'
import { pgDriver } from 'watertight/pg'
import {
  createTxManager,
  formatSigningKey,
  generateSigningKey,
  parseSigningKey,
} from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { addSigningKey, applyPlan, makePlan } from 'watertight/migrate'
import { parseModel } from 'watertight/model'
import { ident, integer, sql } from 'watertight/sql'
import { memberOf } from '../adapters/watertight.js'
import { dropRoles, urlOf, withClient, withDatabase } from '../bench-server.js'

export interface MemoryDatabase {
  readonly url: string
  readonly signingKey: string
}

export interface MemoryStart extends MemoryDatabase {
  readonly count: number
}

export interface MemoryFigures {
  readonly name: string
  readonly count: number
  /** Heap in use once garbage is collected, in megabytes. */
  readonly heapMb: number
  /** Highest resident set size minus that before, in megabytes. */
  readonly rssGrowthMb: number
  readonly seconds: number
}

interface Scenario {
  readonly name: string
  readonly sizedBy: 'tenants' | 'statements' | 'rows'
  run(start: MemoryStart): Promise<MemoryFigures>
}

const concurrency = 8

export const memoryScenarios: readonly Scenario[] = [
  scenario('distinct tenants', 'tenants', async (tx, count) => {
    await concurrently(count, (index) =>
      tx.query(memberOf(tenantId(index)), 'select id from shop.items where id = $1', [index]),
    )
  }),
  scenario('distinct statements', 'statements', async (tx, count) => {
    const context = (): ReturnType<typeof memberOf> => memberOf(tenantId(0))
    await concurrently(count, (index) =>
      tx.query(
        context(),
        sql`select id from shop.items where id = $1 and id <> ${integer(index)}`.text,
        [index],
      ),
    )
  }),
  scenario('streamed rows', 'rows', async (tx, count) => {
    let rows = 0
    const text = 'select id, tenant_id, name from shop.items where id <= $1'
    for await (const row of tx.stream<{ id: string }>(memberOf(tenantId(0)), text, [count])) {
      rows += row.id === '' ? 0 : 1
    }
    if (rows !== count) throw new Error(`${rows} rows were streamed instead of ${count}`)
  }),
]

/** A database whose one tenant has as many rows as are streamed. */
export async function withMemoryDatabase(
  serverUrl: string,
  rows: number,
  use: (database: MemoryDatabase) => Promise<void>,
): Promise<void> {
  const prefix = `watertight_bench_${process.pid}_memory`
  const key = generateSigningKey('k1')
  try {
    await withDatabase(serverUrl, prefix, async (url) => {
      await withClient(url, async (client) => {
        await client.query('create schema shop')
        await client.query(
          'create table shop.items (id bigint primary key, tenant_id uuid not null, name text not null)',
        )
        await client.query(
          `insert into shop.items select n, $1, 'item ' || n from generate_series(1, $2::bigint) n`,
          [tenantId(0), rows],
        )
        await client.query('create index on shop.items (tenant_id)')
        const model = parseModel({
          tenantKey: {},
          schemas: ['shop'],
          tables: { 'shop.items': { scope: 'tenant' } },
          roles: { prefix },
        })
        await applyPlan(client, await makePlan(client, model), { allow: ['WIDENS_ACCESS'] })
        await addSigningKey(client, key)
        await client.query(sql`alter role ${ident(`${prefix}_app`)} login`.text)
        await client.query('vacuum analyze')
      })
      await use({
        url: urlOf(serverUrl, prefix, `${prefix}_app`),
        signingKey: formatSigningKey(key),
      })
    })
  } finally {
    await dropRoles(serverUrl, prefix)
  }
}

function scenario(
  name: string,
  sizedBy: Scenario['sizedBy'],
  work: (tx: TxManager, count: number) => Promise<void>,
): Scenario {
  return {
    name,
    sizedBy,
    async run({ url, signingKey, count }) {
      const pool = new pg.Pool({ connectionString: url, max: concurrency })
      // Prepared, because what is kept for statements is what could grow.
      const driver = pgDriver(pool, { prepare: true })
      const tx = createTxManager({
        pools: { app: driver },
        signingKey: parseSigningKey(signingKey),
      })
      await tx.query(memberOf(tenantId(0)), 'select 1')
      const before = process.memoryUsage.rss()
      let highest = before
      const timer = setInterval(() => {
        highest = Math.max(highest, process.memoryUsage.rss())
      }, 50)
      const started = performance.now()
      await work(tx, count)
      clearInterval(timer)
      const seconds = (performance.now() - started) / 1000
      globalThis.gc?.()
      globalThis.gc?.()
      const heapMb = megabytes(process.memoryUsage().heapUsed)
      await pool.end()
      return { name, count, heapMb, rssGrowthMb: megabytes(highest - before), seconds }
    },
  }
}

async function concurrently(
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < count) await call(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
}

function tenantId(index: number): string {
  return `00000001-0000-7000-8000-${index.toString(16).padStart(12, '0')}`
}

function megabytes(bytes: number): number {
  return bytes / 2 ** 20
}
