import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import { TenantDialect } from 'watertight/kysely'
import { listItems, readItem } from '../adapters/kysely.js'
import type { ShopDatabase } from '../adapters/kysely.js'
import type { Row } from '../throughput/adapter.js'
import type { OrmPair, OrmReads } from '../throughput/orm-pair.js'

export const kyselyPair: OrmPair = {
  name: 'kysely',
  packages: ['kysely'],
  bare: (pool) => reads(new Kysely<ShopDatabase>({ dialect: new PostgresDialect({ pool }) })),
  tenancy: (tx) => reads(new Kysely<ShopDatabase>({ dialect: new TenantDialect(tx) })),
}

function reads(db: Kysely<ShopDatabase>): OrmReads {
  return {
    readItem: (id) => readItem(db, id),
    listItems: () => listItems(db),
    raw: async (text, values) =>
      (await db.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows,
    close: () => db.destroy(),
  }
}
