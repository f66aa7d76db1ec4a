import { Kysely } from 'kysely'
import { tenantDrizzle } from 'watertight/drizzle'
import { TenantDialect } from 'watertight/kysely'
import { pgDriver } from 'watertight/pg'
import type { BoundTxManager } from 'watertight/runtime'
import type { ShopDatabase } from '../adapters/kysely.js'
import * as kysely from '../adapters/kysely.js'
import * as drizzle from '../adapters/drizzle.js'
import { openPool } from '../adapters/pool.js'
import { memberOf, txManager } from '../adapters/watertight.js'
import type { Adapter, Row, Subject } from '../throughput/adapter.js'
import { bareOf } from '../throughput/orm-pair.js'
import { drizzlePair } from './drizzle.js'
import { kyselyPair } from './kysely.js'

/** What an ORM reads under a handle that is bound to one context. */
interface BoundReads {
  readItem(handle: BoundTxManager, id: string): Promise<unknown>
  listItems(handle: BoundTxManager): Promise<readonly unknown[]>
}

const kyselyOf = (handle: BoundTxManager): Kysely<ShopDatabase> =>
  new Kysely<ShopDatabase>({ dialect: new TenantDialect(handle) })

/** ORMs that take a handle: one is made for each request, and no ambient context is needed. */
export const boundPairs: readonly {
  readonly name: string
  readonly bare: Adapter
  readonly tenancy: Adapter
}[] = [
  {
    name: 'kysely-handle',
    bare: bareOf(kyselyPair),
    tenancy: boundOf('kysely-handle', {
      readItem: (handle, id) => kysely.readItem(kyselyOf(handle), id),
      listItems: (handle) => kysely.listItems(kyselyOf(handle)),
    }),
  },
  {
    name: 'drizzle-handle',
    bare: bareOf(drizzlePair),
    tenancy: boundOf('drizzle-handle', {
      readItem: (handle, id) => drizzle.readItem(tenantDrizzle(handle), id),
      listItems: (handle) => drizzle.listItems(tenantDrizzle(handle)),
    }),
  },
]

function boundOf(name: string, reads: BoundReads): Adapter {
  return {
    name,
    scope: 'rls',
    shop: 'signed',
    packages: [],
    open(target) {
      const pool = openPool(target)
      const tx = txManager(target, 'signed', pgDriver(pool))
      const one: Subject['one'] = async (tenant, { text, values }) =>
        (await tx.query<Row>(memberOf(tenant), text, values)).rows
      return Promise.resolve({
        readItem: (tenant, id) => reads.readItem(tx.as(memberOf(tenant)), id),
        listItems: (tenant) => reads.listItems(tx.as(memberOf(tenant))),
        one,
        transaction: (tenant, work) =>
          tx.run(memberOf(tenant), (scope) =>
            work(async ({ text, values }) => (await scope.query<Row>(text, values)).rows),
          ),
        bare: async (text) => (await pool.query<Row>(text)).rows,
        close: () => pool.end(),
      })
    },
  }
}
