import knexFactory from 'knex'
import type { Knex } from 'knex'
import type { Adapter, Item, Row, Subject } from '../throughput/adapter.js'

const itemColumns = ['id', 'tenant_id', 'name', 'price', 'stock']

/** Knex: a transaction, the setting first. */
export const knexRls: Adapter = {
  name: 'knex',
  scope: 'rls',
  shop: 'settings',
  packages: ['knex', 'pg'],
  open({ url, poolSize }) {
    const db = knexFactory.default({
      client: 'pg',
      connection: url,
      pool: { min: poolSize, max: poolSize },
    })
    const scope = <T>(tenant: string, work: (trx: Knex) => Promise<T>): Promise<T> =>
      db.transaction(async (trx) => {
        await trx.raw("select set_config('app.tenant_id', ?, true)", [tenant])
        return work(trx)
      })
    const transaction: Subject['transaction'] = (tenant, work) =>
      scope(tenant, (trx) => work(({ text, values }) => raw(trx, text, values)))
    return Promise.resolve({
      readItem: (tenant, id) => scope(tenant, async (trx) => readItem(trx, id)),
      listItems: (tenant) => scope(tenant, async (trx) => listItems(trx)),
      one: (tenant, statement) => transaction(tenant, (run) => run(statement)),
      transaction,
      bare: (text) => raw(db, text, []),
      close: () => db.destroy(),
    })
  },
}

export async function readItem(db: Knex, id: string): Promise<Item | undefined> {
  const [item] = await db('shop.items').select<Item[]>(itemColumns).where({ id }).limit(1)
  return item
}

export async function listItems(db: Knex): Promise<Item[]> {
  return db('shop.items')
    .select<Item[]>(itemColumns)
    .where('position', '>=', 0)
    .orderBy('position')
    .limit(10)
}

/** Knex writes `$1` as a named binding. */
export async function raw(
  db: Knex,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const bindings = Object.fromEntries(values.map((value, index) => [`v${index + 1}`, value]))
  const { rows } = await db.raw<{ rows: Row[] }>(
    text.replace(/\$(\d+)/g, ':v$1'),
    bindings as Knex.ValueDict,
  )
  return rows
}
