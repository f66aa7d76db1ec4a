import { createHash } from 'node:crypto'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase } from '../../../../test/database.js'
import type { Driver, LandedFlight, Session } from '../runtime/driver.js'
import { pgDriver } from './pg.js'

describe('pgDriver with prepared statements', () => {
  let database: TestDatabase
  const pools: pg.Pool[] = []
  const sessions: Session[] = []
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => {
    for (const session of sessions.splice(0)) session.release(true)
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

  /** A session that is given back after the test, however it ends. */
  async function acquire(driver: Driver): Promise<Session> {
    const session = await driver.acquire()
    sessions.push(session)
    return session
  }

  async function fly(
    session: Session,
    text: string,
    values: unknown[] = [],
  ): Promise<LandedFlight> {
    const flight = await session.flight([{ text, values }])
    if (flight.kind === 'lost') throw new Error('lost', { cause: flight.cause })
    return flight
  }

  const names = "select name from pg_prepared_statements where name like 'wt\\_%'"

  it('names statements with parameters, never those without, and again after an error', async () => {
    const session = await acquire(pgDriver(newPool(), { prepare: true }))
    for (let round = 0; round < 3; round += 1) {
      expect((await fly(session, 'select $1::int as n', [round])).results[0]?.rows).toEqual([
        { n: round },
      ])
      await fly(session, 'select 1')
      await fly(session, 'select 1 / $1::int', [0])
      await fly(session, 'selec $1', [0])
    }
    const same = { text: 'select $1::text as t', values: ['x'] }
    const twice = await session.flight([{ text: 'select 1 / 0', values: [] }, same])
    expect(twice).toMatchObject({ failure: { index: 0 } })
    expect(await session.flight([same, same])).toMatchObject({ failure: null })
    expect((await fly(session, names)).results[0]?.rows).toHaveLength(3)
  })

  it('keeps the 256 names of a connection that were used last, and closes the others', async () => {
    const session = await acquire(pgDriver(newPool(), { prepare: true }))
    const often = { text: 'select $1::int as often', values: [1] }
    for (let index = 0; index < 300; index += 1) {
      const rare = { text: `select $1::int + ${index}`, values: [1] }
      expect(await session.flight([often, rare])).toMatchObject({ failure: null })
    }
    const statements =
      'select statement, prepare_time from pg_prepared_statements order by prepare_time'
    const rows = (await fly(session, statements)).results[0]?.rows ?? []
    expect(rows).toHaveLength(256)
    expect(rows.slice(0, 2)).toMatchObject([
      { statement: often.text },
      { statement: 'select $1::int + 45' },
    ])
    expect(await session.flight([often])).toMatchObject({ failure: null })
  })

  it('closes names although the flight that does so fails', async () => {
    const session = await acquire(pgDriver(newPool(), { prepare: true }))
    const text = (index: number): string => `select ${index} / $1::int`
    for (let index = 0; index < 256; index += 1) await fly(session, text(index), [1])
    expect((await fly(session, text(256), [0])).failure).toMatchObject({
      cause: { code: '22012' },
    })
    expect((await fly(session, text(0), [1])).failure).toBeNull()
  })

  it.each([
    ['int', 'bigint', '3000000000'],
    ['int', 'text', 'INV-1'],
    ['date', 'text', 'soon'],
  ])(
    'sends what an %s column did not take and a %s does once more',
    async (before, after, value) => {
      const session = await acquire(pgDriver(newPool()))
      await fly(session, `create temp table kept (id ${before})`)
      const ask = { text: 'select from kept where id = $1', values: [null as unknown] }
      for (let use = 0; use < 3; use += 1) await session.flight([ask])
      ask.values[0] = value
      expect(await session.flight([ask])).toMatchObject({
        failure: { cause: { code: expect.stringMatching(/^22/) } },
      })
      await fly(session, `alter table kept alter id type ${after}`)
      await session.flight([{ ...ask, values: [null] }])
      for (let use = 0; use < 3; use += 1) {
        expect(await session.flight([ask])).toMatchObject({ failure: null })
      }
      expect((await fly(session, names)).results[0]?.rows).toHaveLength(1)
    },
  )

  it('takes a value of the new type after one failure within a transaction', async () => {
    const session = await acquire(pgDriver(newPool()))
    await fly(session, 'create temp table widened (id int)')
    const text = 'insert into widened values ($1)'
    for (let use = 0; use < 3; use += 1) await fly(session, text, [use])
    await fly(session, 'alter table widened alter id type bigint')
    for (const failure of [{ cause: { code: '22003' } }, null]) {
      await fly(session, 'begin')
      expect(await fly(session, text, ['3000000000'])).toMatchObject({ failure })
      await fly(session, 'rollback')
    }
  })

  it('begins a transaction anew, unseen, whose first statement was prepared for another type', async () => {
    const session = await acquire(pgDriver(newPool()))
    await fly(session, "create type mood as enum ('a')")
    await fly(session, 'create temp table felt (mood mood)')
    const insert = { text: 'insert into felt values ($1)', values: ['a'] }
    const begin = { text: 'begin', values: [], discard: true as const }
    for (let use = 0; use < 3; use += 1) await session.flight([insert])
    await fly(session, "create type mood2 as enum ('a', 'b')")
    await fly(session, 'alter table felt alter mood type mood2 using mood::text::mood2')
    await fly(session, 'drop type mood')
    const flight = await session.flight([begin, { ...insert, values: ['b'] }])
    expect(flight).toMatchObject({ failure: null, status: 'open', results: [{}, { rowCount: 1 }] })
    await fly(session, 'commit')
    const failed = await session.flight([begin, { ...insert, values: ['c'] }])
    expect(failed).toMatchObject({ failure: { index: 1, cause: { code: '22P02' } } })
    await fly(session, 'rollback')
    expect((await fly(session, 'select from felt')).results[0]?.rowCount).toBe(4)
    await fly(session, 'drop type mood2 cascade')
  })

  it('goes on preparing after a table was altered under many connections', async () => {
    const driver = pgDriver(newPool({ max: 20 }))
    const all = await Promise.all(Array.from({ length: 20 }, () => acquire(driver)))
    for (const session of all) {
      await fly(session, 'create temp table shared as select 1 as id')
      for (let use = 0; use < 2; use += 1)
        await fly(session, 'select * from shared where id = $1', [1])
      await fly(session, 'alter table shared add added int')
      for (let use = 0; use < 2; use += 1) {
        expect(await fly(session, 'select * from shared where id = $1', [1])).toMatchObject({
          failure: null,
        })
      }
      expect((await fly(session, names)).results[0]?.rows).toHaveLength(1)
    }
  })

  it('prepares anew what the server has forgotten', async () => {
    const session = await acquire(pgDriver(newPool(), { prepare: true }))
    await fly(session, 'select $1::int', [1])
    await fly(session, 'deallocate all')
    for (const n of [1, 2]) {
      expect((await fly(session, 'select $1::int', [n])).failure).toBeNull()
    }
    await fly(session, 'deallocate all')
    await fly(session, 'begin')
    expect((await fly(session, 'select $1::int', [1])).failure).toMatchObject({
      cause: { code: '26000' },
    })
    await fly(session, 'rollback')
    expect((await fly(session, 'select $1::int', [1])).failure).toBeNull()
  })

  it.each([
    ['alone', []],
    ['within a transaction', ['begin']],
  ])('by itself names what comes again %s', async (place, begin) => {
    const session = await acquire(pgDriver(newPool()))
    const once = `select $1::int as "only once ${place}"`
    const often = `select $1::int as "often ${place}", current_setting('app.tenant', true)`
    for (const statement of begin) await fly(session, statement)
    await fly(session, once, [1])
    for (const n of [1, 2, 3]) expect((await fly(session, often, [n])).failure).toBeNull()
    const statements = 'select statement from pg_prepared_statements'
    expect((await fly(session, statements)).results[0]?.rows).toEqual([{ statement: often }])
  })

  it('fails once within a transaction after a table was altered, and not again', async () => {
    const session = await acquire(pgDriver(newPool()))
    await fly(session, 'create temp table shape3 as select 1 as id')
    const read = (): Promise<unknown> => fly(session, 'select * from shape3 where id > $1', [0])
    for (let use = 0; use < 3; use += 1) await read()
    await fly(session, 'alter table shape3 add added int default 7')
    for (const expected of [{ cause: { code: '0A000' } }, null]) {
      await fly(session, 'begin')
      expect(await read()).toMatchObject({ failure: expected })
      await fly(session, 'rollback')
    }
  })

  it.each<[string, string]>([
    ['forgotten', 'deallocate all'],
    ['planned for other columns', 'alter table shape add added int default 7'],
    ['planned for other types', 'alter table shape alter id type text'],
  ])('sends a flight again whose statement was %s, once and unseen', async (_why, change) => {
    const pool = newPool()
    const session = await acquire(pgDriver(pool))
    const [context, read] = [
      { text: "select set_config('app.tenant', $1, true)", values: ['a'], discard: true },
      { text: 'select * from shape where id > $1', values: [0] },
    ] as const
    await fly(session, 'create temp table shape as select 1 as id')
    const flight = (): Promise<unknown> => session.flight([context, read])
    for (let use = 0; use < 8; use += 1) expect(await flight()).toMatchObject({ failure: null })
    await fly(session, change)
    for (let use = 0; use < 3; use += 1) expect(await flight()).toMatchObject({ failure: null })
  })

  it('shares the names of a connection with another driver of the pool', async () => {
    const pool = newPool()
    for (const name of ['first', 'second']) {
      const session = await pgDriver(pool, { prepare: true }).acquire()
      await fly(session, 'begin')
      const { failure, results } = await fly(session, 'select $1::text as shared', [name])
      expect(failure).toBeNull()
      expect(results[0]?.rows).toEqual([{ shared: name }])
      await fly(session, 'commit')
      expect((await fly(session, names)).results[0]?.rows).toHaveLength(1)
      session.release(false)
    }
    expect(pool.totalCount).toBe(1)
  })

  it('never uses a name that somebody else has prepared', async () => {
    const pool = newPool()
    const read = 'select $1::text as own'
    const taken = `wt_${createHash('sha256').update(read).digest('hex').slice(0, 40)}`
    await pool.query(`prepare ${taken}(text) as select 'another' as own where $1 is not null`)
    const session = await acquire(pgDriver(pool, { prepare: true }))
    for (const value of ['a', 'b', 'c']) {
      expect((await fly(session, read, [value])).results[0]?.rows).toEqual([{ own: value }])
    }
    await fly(session, 'begin')
    expect((await fly(session, read, ['d'])).results[0]?.rows).toEqual([{ own: 'd' }])
    await fly(session, 'rollback')
  })

  it('does not send a flight again of which more than the context had run', async () => {
    const session = await acquire(pgDriver(newPool()))
    const [first, second] = [
      { text: 'select $1::int as first_of_two', values: [1] },
      { text: 'select * from shape2 where id > $1', values: [0] },
    ] as const
    await fly(session, 'create temp table shape2 as select 1 as id')
    for (let use = 0; use < 8; use += 1) await session.flight([first, second])
    await fly(session, 'alter table shape2 add added int default 7')
    const failed = await session.flight([first, second])
    expect(failed).toMatchObject({ failure: { index: 1, cause: { code: '0A000' } } })
    expect(await session.flight([first, second])).toMatchObject({ failure: null })
  })

  it('does not serve one tenant the plan of another: no generic plan without parameters', async () => {
    const session = await acquire(pgDriver(newPool(), { prepare: true }))
    await fly(session, "select current_setting('app.tenant', true)")
    expect((await fly(session, names)).results[0]?.rows).toHaveLength(0)
  })
})
