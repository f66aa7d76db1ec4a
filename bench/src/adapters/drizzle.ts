import { asc, eq, gte, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { integer, pgSchema, text, uuid } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import type { Adapter, Item, Row, Subject } from '../throughput/adapter.js'
import { openPool } from './pool.js'

const items = pgSchema('shop').table('items', {
  id: uuid().primaryKey(),
  tenant_id: uuid().notNull(),
  name: text().notNull(),
  price: integer().notNull(),
  stock: integer().notNull(),
  position: integer().notNull(),
})

const columns = {
  id: items.id,
  tenant_id: items.tenant_id,
  name: items.name,
  price: items.price,
  stock: items.stock,
}

/** Drizzle with row level security as its documentation shows it: a transaction, the setting first. */
export const drizzleRls: Adapter = {
  name: 'drizzle',
  scope: 'rls',
  shop: 'settings',
  packages: ['drizzle-orm', 'pg'],
  open(target) {
    const pool = openPool(target)
    const db = drizzle(pool)
    const scope = <T>(tenant: string, work: (tx: Transaction) => Promise<T>): Promise<T> =>
      db.transaction(async (tx) => {
        await tx.execute(sql`select set_config('app.tenant_id', ${tenant}, true)`)
        return work(tx)
      })
    const transaction: Subject['transaction'] = (tenant, work) =>
      scope(tenant, (tx) =>
        work(async (statement) => {
          // Its raw SQL is a template; the session's client takes text with values.
          const { rows } = await clientOf(tx).query<Row>(statement.text, [...statement.values])
          return rows
        }),
      )
    return Promise.resolve({
      readItem: (tenant, id) => scope(tenant, (tx) => readItem(tx, id)),
      listItems: (tenant) => scope(tenant, listItems),
      one: (tenant, statement) => transaction(tenant, (run) => run(statement)),
      transaction,
      bare: async (statement) => (await pool.query<Row>(statement)).rows,
      close: () => pool.end(),
    })
  },
}

export function readItem(db: DrizzleReader, id: string): Promise<readonly Item[]> {
  return db.select(columns).from(items).where(eq(items.id, id))
}

export function listItems(db: DrizzleReader): Promise<readonly Item[]> {
  return db
    .select(columns)
    .from(items)
    .where(gte(items.position, 0))
    .orderBy(asc(items.position))
    .limit(10)
}

type DrizzleReader = Pick<NodePgDatabase, 'select'>

type Transaction = Parameters<Parameters<ReturnType<typeof drizzle>['transaction']>[0]>[0]

function clientOf(tx: Transaction): pg.PoolClient {
  return (tx as unknown as { session: { client: pg.PoolClient } }).session.client
}
