import pg from 'pg'
import { addSigningKey, applyPlan, makePlan } from 'watertight/migrate'
import { parseModel } from 'watertight/model'
import type { TenancyInput } from 'watertight/model'
import { pgDriver } from 'watertight/pg'
import { createTxManager, generateSigningKey } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { ident, sql } from 'watertight/sql'
import { dropRoles, urlOf, withClient, withDatabase } from '../bench-server.js'

export interface ScopedDatabase {
  /** Over one connection, so that its plans are known; `prepare` keeps them. */
  readonly tx: TxManager
  readonly prepared: TxManager
  readonly pool: pg.Pool
}

/** A database with a schema, its rows and the isolation layer; dropped with its roles in the end. */
export async function withScopedDatabase<T>(
  serverUrl: string,
  name: string,
  options: {
    readonly fill: (client: pg.Client) => Promise<void>
    readonly model: Omit<TenancyInput, 'roles'>
    readonly use: (database: ScopedDatabase) => Promise<T>
  },
): Promise<T> {
  const prefix = `watertight_bench_${process.pid}_${name}`
  const key = generateSigningKey('k1')
  try {
    return await withDatabase(serverUrl, prefix, async (url) => {
      await withClient(url, async (client) => {
        await options.fill(client)
        const model = parseModel({ ...options.model, roles: { prefix } })
        await applyPlan(client, await makePlan(client, model), { allow: ['WIDENS_ACCESS'] })
        await addSigningKey(client, key)
        await client.query(sql`alter role ${ident(`${prefix}_app`)} login`.text)
        await client.query('vacuum analyze')
      })
      const connectionString = urlOf(serverUrl, prefix, `${prefix}_app`)
      const pools = [1, 2].map(() => new pg.Pool({ connectionString, max: 1 }))
      const [pool, preparedPool] = pools as [pg.Pool, pg.Pool]
      try {
        return await options.use({
          pool,
          tx: createTxManager({ pools: { app: pgDriver(pool) }, signingKey: key }),
          prepared: createTxManager({
            pools: { app: pgDriver(preparedPool, { prepare: true }) },
            signingKey: key,
          }),
        })
      } finally {
        await Promise.all(pools.map((each) => each.end()))
      }
    })
  } finally {
    await dropRoles(serverUrl, prefix)
  }
}

/** Microseconds of each of `count` calls, sorted. */
export async function timesOf(
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    const started = performance.now()
    await call(index)
    times.push((performance.now() - started) * 1000)
  }
  return times.sort((left, right) => left - right)
}

/** The value below which a share of the sorted times lies. */
export function quantile(sorted: readonly number[], share: number): number {
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  return Math.round(sorted[index] ?? Number.NaN)
}
