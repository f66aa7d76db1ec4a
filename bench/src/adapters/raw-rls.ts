import type pg from 'pg'
import { itemById, tenItems } from '../throughput/statements.js'
import type { Adapter, Row, ScopedStatement, Subject } from '../throughput/adapter.js'
import { openPool, setTenant } from './pool.js'

/** Row level security by hand with `pg`: BEGIN, the setting, the statement, COMMIT. */
export const rawRls: Adapter = {
  name: 'raw-rls',
  scope: 'rls',
  shop: 'settings',
  packages: ['pg'],
  open: (target) => Promise.resolve(fourTrips(openPool(target))),
}

function fourTrips(pool: pg.Pool): Subject {
  const run = async (client: pg.PoolClient, { text, values }: ScopedStatement) =>
    (await client.query<Row>(text, [...values])).rows
  const transaction: Subject['transaction'] = async (tenant, work) => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query(setTenant, [tenant])
      const result = await work((statement) => run(client, statement))
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }
  const one: Subject['one'] = (tenant, statement) => transaction(tenant, (send) => send(statement))
  return {
    readItem: async (tenant, id) => (await one(tenant, itemById(tenant, id)))[0],
    listItems: (tenant) => one(tenant, tenItems(tenant)),
    one,
    transaction,
    bare: async (text) => (await pool.query<Row>(text)).rows,
    close: () => pool.end(),
  }
}
