import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Adapter, Item, Row, Subject } from '../throughput/adapter.js'
import { openPool } from './pool.js'

export interface ShopDatabase {
  readonly 'shop.items': Item & { readonly position: number }
}

/** Kysely: a transaction, the setting first. */
export const kyselyRls: Adapter = {
  name: 'kysely',
  scope: 'rls',
  shop: 'settings',
  packages: ['kysely', 'pg'],
  open(target) {
    const pool = openPool(target)
    const db = new Kysely<ShopDatabase>({ dialect: new PostgresDialect({ pool }) })
    const scope = <T>(tenant: string, work: (trx: Transaction<ShopDatabase>) => Promise<T>) =>
      db.transaction().execute(async (trx) => {
        await sql`select set_config('app.tenant_id', ${tenant}, true)`.execute(trx)
        return work(trx)
      })
    const transaction: Subject['transaction'] = (tenant, work) =>
      scope(tenant, (trx) =>
        work(async ({ text, values }) => {
          const { rows } = await trx.executeQuery<Row>(CompiledQuery.raw(text, [...values]))
          return rows
        }),
      )
    return Promise.resolve({
      readItem: (tenant, id) => scope(tenant, (trx) => readItem(trx, id)),
      listItems: (tenant) => scope(tenant, listItems),
      one: (tenant, statement) => transaction(tenant, (run) => run(statement)),
      transaction,
      bare: async (text) => (await db.executeQuery<Row>(CompiledQuery.raw(text))).rows,
      close: () => db.destroy(),
    })
  },
}

const itemColumns = ['id', 'tenant_id', 'name', 'price', 'stock'] as const

export function readItem(db: Kysely<ShopDatabase>, id: string): Promise<Item | undefined> {
  return db.selectFrom('shop.items').select(itemColumns).where('id', '=', id).executeTakeFirst()
}

export function listItems(db: Kysely<ShopDatabase>): Promise<Item[]> {
  return db
    .selectFrom('shop.items')
    .select(itemColumns)
    .where('position', '>=', 0)
    .orderBy('position')
    .limit(10)
    .execute()
}
