import type pg from 'pg'
import { itemById, tenItems } from '../throughput/statements.js'
import type { Adapter, Row, ScopedStatement, Subject, Target } from '../throughput/adapter.js'
import { openPool } from './pool.js'

/** The floor: `pg` with a hand-written condition, and no row level security. */
export const rawWhere: Adapter = adapter('raw-where', () => undefined)

/** The floor with named statements, which the server parses once per connection. */
export const rawWherePrepared: Adapter = adapter('raw-where-prepared', (text) => {
  let name = names.get(text)
  if (name === undefined) names.set(text, (name = `s${names.size}`))
  return name
})

const names = new Map<string, string>()

function adapter(name: string, nameOf: (text: string) => string | undefined): Adapter {
  return {
    name,
    scope: 'where',
    shop: 'unscoped',
    packages: ['pg'],
    open: (target) => Promise.resolve(open(target, nameOf)),
  }
}

function open(target: Target, nameOf: (text: string) => string | undefined): Subject {
  const pool = openPool(target)
  const query = async (
    on: pg.Pool | pg.PoolClient,
    { where: { text, values } }: ScopedStatement,
  ): Promise<readonly Row[]> => {
    const name = nameOf(text)
    const config = { text, values: [...values], ...(name !== undefined && { name }) }
    return (await on.query<Row>(config)).rows
  }
  return {
    readItem: async (tenant, id) => (await query(pool, itemById(tenant, id)))[0],
    listItems: (tenant) => query(pool, tenItems(tenant)),
    one: (_tenant, statement) => query(pool, statement),
    async transaction(_tenant, work) {
      const client = await pool.connect()
      try {
        await client.query('begin')
        const result = await work((statement) => query(client, statement))
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback')
        throw error
      } finally {
        client.release()
      }
    },
    bare: async (text) => (await pool.query<Row>(text)).rows,
    close: () => pool.end(),
  }
}
