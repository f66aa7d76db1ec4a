import { createBaseTable } from 'orchid-orm'
import { orchidORM } from 'orchid-orm/node-postgres'
import type { Adapter, Row, Subject } from '../throughput/adapter.js'

const BaseTable = createBaseTable()

class ItemTable extends BaseTable {
  override readonly table = 'items'
  override readonly schema = 'shop'
  // Its columns are no QueryInit of its own under `exactOptionalPropertyTypes`.
  override columns = this.setColumns(
    (t) =>
      ({
        id: t.uuid().primaryKey(),
        tenant_id: t.uuid(),
        name: t.text(),
        price: t.integer(),
        stock: t.integer(),
        position: t.integer(),
      }) as never,
  )
}

/** What is used of it: its own types do not hold under `exactOptionalPropertyTypes`. */
interface OrchidShop {
  readonly item: OrchidQuery
  readonly $qb: { sql(raw: { raw: string; values?: object }): object }
  $query(raw: object): Promise<{ rows: Row[] }>
  $transaction<T>(options: { setConfig: object }, work: () => Promise<T>): Promise<T>
  $close(): Promise<void>
}

interface OrchidQuery extends PromiseLike<readonly Row[]> {
  select(...columns: readonly string[]): OrchidQuery
  where(condition: object): OrchidQuery
  order(column: string): OrchidQuery
  limit(count: number): OrchidQuery
  findByOptional(condition: object): PromiseLike<Row | undefined>
}

const columns = ['id', 'tenant_id', 'name', 'price', 'stock']

/** Orchid ORM: `$transaction` with `setConfig`. */
export const orchid: Adapter = {
  name: 'orchid',
  scope: 'rls',
  shop: 'settings',
  packages: ['orchid-orm', 'pg'],
  open({ url, poolSize }) {
    const tables = { item: ItemTable } as never
    const db = orchidORM({ databaseURL: url, max: poolSize }, tables) as unknown as OrchidShop
    const scope = <T>(tenant: string, work: () => Promise<T>): Promise<T> =>
      db.$transaction({ setConfig: { 'app.tenant_id': tenant } }, work)
    const send = async (text: string, values: readonly unknown[]): Promise<readonly Row[]> => {
      const named = Object.fromEntries(values.map((value, index) => [`v${index + 1}`, value]))
      const raw = text.replace(/\$(\d+)/g, '$v$1')
      return (await db.$query(db.$qb.sql({ raw, ...(values.length > 0 && { values: named }) })))
        .rows
    }
    const transaction: Subject['transaction'] = (tenant, work) =>
      scope(tenant, () => work(({ text, values }) => send(text, values)))
    return Promise.resolve({
      readItem: (tenant, id) =>
        scope(tenant, async () => db.item.select(...columns).findByOptional({ id })),
      listItems: (tenant) =>
        scope(tenant, async () =>
          db.item
            .select(...columns)
            .where({ position: { gte: 0 } })
            .order('position')
            .limit(10),
        ),
      one: (tenant, statement) => transaction(tenant, (run) => run(statement)),
      transaction,
      bare: (text) => send(text, []),
      close: () => db.$close(),
    })
  },
}
