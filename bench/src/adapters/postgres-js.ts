import postgres from 'postgres'
import type { Adapter, Row, Subject } from '../throughput/adapter.js'
import { itemById, tenItems } from '../throughput/statements.js'
import { setTenant } from './pool.js'

/** `postgres`: `sql.begin`, the setting first. It prepares statements by default. */
export const postgresJs: Adapter = {
  name: 'postgres',
  scope: 'rls',
  shop: 'settings',
  packages: ['postgres'],
  open({ url, poolSize }) {
    const sql = postgres(url, { max: poolSize })
    const transaction: Subject['transaction'] = (tenant, work) =>
      sql.begin(async (tx) => {
        await send(tx, setTenant, [tenant])
        return work((statement) => send(tx, statement.text, statement.values))
      }) as ReturnType<typeof work>
    const one: Subject['one'] = (tenant, statement) => transaction(tenant, (run) => run(statement))
    return Promise.resolve({
      readItem: async (tenant, id) => (await one(tenant, itemById(tenant, id)))[0],
      listItems: (tenant) => one(tenant, tenItems(tenant)),
      one,
      transaction,
      bare: (text) => send(sql, text, []),
      close: () => sql.end(),
    })
  },
}

function send(
  sql: Pick<postgres.Sql, 'unsafe'>,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  return sql.unsafe<Row[]>(text, [...values] as never[], { prepare: true })
}
