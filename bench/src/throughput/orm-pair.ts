import type pg from 'pg'
import { pgDriver } from 'watertight/pg'
import { withContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { openPool } from '../adapters/pool.js'
import { memberOf, txManager } from '../adapters/watertight.js'
import type { Adapter, Row, Subject, Target } from './adapter.js'

/** The same reads in an ORM, whatever its connections are. */
export interface OrmReads {
  readItem(id: string): Promise<unknown>
  listItems(): Promise<readonly unknown[]>
  raw(text: string, values: readonly unknown[]): Promise<readonly Row[]>
  close(): Promise<void>
}

/** An ORM by itself and the same ORM on watertight's adapter: what tenancy costs its users. */
export interface OrmPair {
  readonly name: string
  readonly packages: readonly string[]
  /** On a pool, without tenancy. */
  bare(pool: pg.Pool, target: Target): Promise<OrmReads> | OrmReads
  /** On the transaction manager. */
  tenancy(tx: TxManager): Promise<OrmReads> | OrmReads
}

export function bareOf(pair: OrmPair): Adapter {
  return {
    name: `${pair.name}-bare`,
    scope: 'where',
    shop: 'unscoped',
    packages: pair.packages,
    async open(target) {
      const pool = openPool(target)
      const reads = await pair.bare(pool, target)
      return {
        readItem: (_tenant, id) => reads.readItem(id),
        listItems: () => reads.listItems(),
        one: (_tenant, { where: { text, values } }) => reads.raw(text, values),
        transaction: (_tenant, work) =>
          work(({ where: { text, values } }) => reads.raw(text, values)),
        bare: (text) => reads.raw(text, []),
        close: () => closeBoth(reads, pool),
      }
    },
  }
}

export function tenancyOf(pair: OrmPair): Adapter {
  return {
    name: `${pair.name}-watertight`,
    scope: 'rls',
    shop: 'signed',
    packages: pair.packages,
    async open(target) {
      const pool = openPool(target)
      const tx = txManager(target, 'signed', pgDriver(pool))
      const reads = await pair.tenancy(tx)
      const one: Subject['one'] = (tenant, { text, values }, unit) =>
        withContext(memberOf(tenant, unit), () => reads.raw(text, values))
      return {
        readItem: (tenant, id) => withContext(memberOf(tenant), () => reads.readItem(id)),
        listItems: (tenant) => withContext(memberOf(tenant), () => reads.listItems()),
        one,
        transaction: (tenant, work) =>
          tx.run(memberOf(tenant), () => work(({ text, values }) => reads.raw(text, values))),
        bare: async (text) => (await pool.query<Row>(text)).rows,
        close: () => closeBoth(reads, pool),
      }
    },
  }
}

async function closeBoth(reads: OrmReads, pool: pg.Pool): Promise<void> {
  await reads.close()
  if (!pool.ended) await pool.end()
}
