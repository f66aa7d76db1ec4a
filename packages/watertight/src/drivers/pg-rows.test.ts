import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase } from '../../../../test/database.js'
import { startCountingProxy } from '../../../../test/counting-proxy.js'
import type { Session } from '../runtime/driver.js'
import { pgDriver } from './pg.js'

describe('rows of statements that are described once', () => {
  let database: TestDatabase
  const pools: pg.Pool[] = []
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await database.drop()
  })

  function newPool(config: pg.PoolConfig = {}): pg.Pool {
    const pool = new pg.Pool({ connectionString: database.url, max: 1, ...config })
    pools.push(pool)
    return pool
  }

  async function rowsOf(session: Session, text: string, values: unknown[] = [1]) {
    const flight = await session.flight([{ text, values }])
    if (flight.kind === 'lost' || flight.failure !== null) throw new Error('failed')
    return flight.results[0]
  }

  // What a description that was kept must not outlive. Each runs on another connection.
  it.each<[string, string]>([
    ['gets a column', 'alter table shaped add added int default 7'],
    ['loses a column', 'alter table shaped drop column b'],
    ['has a column renamed', 'alter table shaped rename b to renamed'],
    ['changes a type', 'alter table shaped alter a type text'],
    ['changes only a length', 'alter table shaped alter b type varchar(7)'],
    [
      'is replaced by one with its columns in another order',
      "drop table shaped; create table shaped as select 'x'::text as b, 1 as a",
    ],
    [
      'is replaced by a view',
      "alter table shaped rename to old; create view shaped as select 5::int8 as a, 'v' as b, true as c",
    ],
  ])('follow a table that %s', async (_what, change) => {
    const schema = `s${pools.length}`
    const options = `-c search_path=${schema}`
    const other = newPool({ options })
    await other.query(`create schema ${schema}`)
    await other.query("create table shaped as select 1 as a, 'x'::text as b")
    const text = 'select * from shaped where $1::int = 1'
    const session = await pgDriver(newPool({ options })).acquire()
    for (let use = 0; use < 4; use += 1) {
      expect((await rowsOf(session, text))?.rows).toEqual([{ a: 1, b: 'x' }])
    }
    await other.query(change)
    for (let use = 0; use < 3; use += 1) {
      const expected = await other.query({ text, values: [1] })
      const result = await rowsOf(session, text)
      expect(result?.rows).toEqual(expected.rows)
      const names = expected.fields.map(({ name, dataTypeID }) => ({ name, dataTypeID }))
      expect(result?.fields).toMatchObject(names)
    }
    session.release(false)
  })

  it('are refused when somebody put another statement under the name', async () => {
    const session = await pgDriver(newPool()).acquire()
    const text = 'select $1::int as one'
    for (let use = 0; use < 3; use += 1) await rowsOf(session, text)
    const prepared = "select name from pg_prepared_statements where statement like '% as one'"
    const named = await session.flight([{ text: prepared, values: [] }])
    const rows = (named.kind === 'landed' ? named.results[0]?.rows : undefined) ?? []
    const { name } = rows[0] as { name: string }
    await session.flight([{ text: `deallocate ${name}`, values: [] }])
    await session.flight([{ text: `prepare ${name} as select $1::int, 'more'`, values: [] }])
    const flight = await session.flight([{ text, values: [1] }])
    expect(flight).toMatchObject({ failure: { origin: 'client', cause: expect.any(TypeError) } })
    session.release(false)
  })

  it('have the form that pg gives them, whatever their columns are called', async () => {
    const text = 'select 1 as "__proto__", 2 as a, 3 as a, null as b, $1::int as constructor'
    const pool = newPool()
    for (const rowMode of [undefined, 'array'] as const) {
      const expected = await pool.query({ text, values: [1], ...(rowMode && { rowMode }) })
      const session = await pgDriver(pool).acquire()
      const statement = { text, values: [1], ...(rowMode && { rowMode }) }
      for (let use = 0; use < 3; use += 1) {
        const flight = await session.flight([statement])
        expect(flight.kind === 'landed' && flight.results[0]?.rows).toStrictEqual(expected.rows)
      }
      session.release(false)
    }
  })

  it('wait for what the owner of the pool runs on a new connection', async () => {
    const pool = newPool()
    pool.on('connect', (client) => void client.query("set application_name = 'mine'"))
    const session = await pgDriver(pool).acquire()
    const result = await rowsOf(session, "select current_setting('application_name') as name", [])
    expect(result?.rows).toEqual([{ name: 'mine' }])
    session.release(false)
  })

  it('come without a description from the third use on', async () => {
    const proxy = await startCountingProxy(database.url)
    const pool = new pg.Pool({ connectionString: proxy.through(database.url), max: 1 })
    const session = await pgDriver(pool).acquire()
    const described: number[] = []
    for (let use = 0; use < 4; use += 1) {
      let count = 0
      proxy.onFrame = ({ type }) => void (count += type === 'D' ? 1 : 0)
      await rowsOf(session, 'select $1::int as described')
      described.push(count)
    }
    expect(described).toEqual([1, 1, 0, 0])
    session.release(false)
    await pool.end()
    await proxy.close()
  })
})
