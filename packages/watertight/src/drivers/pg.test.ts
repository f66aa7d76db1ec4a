import { createHash } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase } from '../../../../test/database.js'
import { describeDriver } from '../../../../test/driver-contract.js'
import type { LandedFlight, Session } from '../runtime/driver.js'
import { pgDriver } from './pg.js'
import type { PgDriverOptions, PgPool } from './pg.js'

describeDriver('pg', (url) => open(url, {}))
describeDriver('pg with prepared statements', (url) => open(url, { prepare: true }))

function open(connectionString: string, options: PgDriverOptions) {
  const pool = new pg.Pool({ connectionString, max: 1 })
  return { driver: pgDriver(pool, options), close: () => pool.end() }
}

describe('pgDriver', () => {
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

  async function fly(
    session: Session,
    text: string,
    values: unknown[] = [],
  ): Promise<LandedFlight> {
    const flight = await session.flight([{ text, values }])
    if (flight.kind === 'lost') throw new Error('lost', { cause: flight.cause })
    return flight
  }

  it.each<[string, unknown]>([
    ['int8', 9007199254740993n],
    ['int8', '9007199254740993'],
    ['float8', 1.5],
    ['numeric', '1.10'],
    ['bool', true],
    ['text', 'Zürich 🏔 \\ \' "'],
    ['text', null],
    ['text', undefined],
    ['text[]', ['a', null, 'b,"c"', '{}']],
    [
      'int[]',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['jsonb', { a: [1, null, { b: 'ü' }] }],
    ['bytea', Buffer.from([0, 1, 255])],
    ['bytea', new Uint8Array([0, 1, 255])],
    ['timestamptz', new Date('2026-01-02T03:04:05.678Z')],
    ['text', { toPostgres: () => 'by itself' }],
  ])('sends and reads %s exactly as pg does: %o', async (type, value) => {
    const pool = newPool()
    const text = `select $1::${type} as value, array_agg($1::${type}) over () as many, 1 as "a b"`
    const expected = await pool.query({ text, values: [value] })
    const session = await pgDriver(pool).acquire()
    const { results } = await fly(session, text, [value])
    session.release(false)
    expect(results[0]?.rows).toEqual(expected.rows)
    expect(results[0]?.rowCount).toBe(expected.rowCount)
  })

  it('honours type parsers of the pool and reports one that throws', async () => {
    const getTypeParser = ((oid: number) => (value: string) => {
      if (value === 'bad') throw new Error('parser')
      return `${oid}:${value}`
    }) as typeof pg.types.getTypeParser
    const session = await pgDriver(newPool({ types: { getTypeParser } })).acquire()
    expect((await fly(session, 'select 7 as n')).results[0]?.rows).toEqual([{ n: '23:7' }])
    expect((await fly(session, "select 'bad' as n")).failure).toMatchObject({
      index: 0,
      origin: 'client',
      cause: { message: 'parser' },
    })
    session.release(false)
  })

  it('reports a value that cannot be converted before anything is sent', async () => {
    const session = await pgDriver(newPool()).acquire()
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    const flight = await session.flight([
      { text: 'create table never (id int)', values: [] },
      { text: 'select $1::jsonb', values: [circular] },
    ])
    expect(flight).toMatchObject({
      results: [],
      failure: { index: 1, origin: 'client' },
      status: 'idle',
    })
    expect((await fly(session, "select to_regclass('never') as t")).results[0]?.rows).toEqual([
      { t: null },
    ])
    session.release(false)
  })

  it('reads a result of many packets', async () => {
    const session = await pgDriver(newPool()).acquire()
    const text = "select i, repeat('x', 1000) as x from generate_series(1, 5000) i"
    const { results } = await fly(session, text)
    expect(results[0]?.rows).toHaveLength(5000)
    session.release(false)
  })

  it('loses a flight that exceeds query_timeout and closes its connection', async () => {
    const pool = newPool({ query_timeout: 50 })
    const session = await pgDriver(pool).acquire()
    const flight = await session.flight([{ text: 'select pg_sleep(1)', values: [] }])
    expect(flight).toMatchObject({ kind: 'lost', sent: true, refused: false })
    session.release(false)
    expect(pool.totalCount).toBe(0)
  })

  it('lets quick flights pass under query_timeout', async () => {
    const pool = newPool({ query_timeout: 50 })
    const session = await pgDriver(pool).acquire()
    await fly(session, 'select 1')
    await new Promise((resolve) => setTimeout(resolve, 80))
    expect((await fly(session, 'select 1')).failure).toBeNull()
    session.release(false)
    expect(pool.totalCount).toBe(1)
  })

  describe('with prepared statements', () => {
    const names = "select name from pg_prepared_statements where name like 'wt\\_%'"

    it('names statements with parameters, never those without, and again after an error', async () => {
      const session = await pgDriver(newPool(), { prepare: true }).acquire()
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
      session.release(false)
    })

    it('keeps at most 256 names on a connection', async () => {
      const session = await pgDriver(newPool(), { prepare: true }).acquire()
      for (let index = 0; index < 300; index += 1) {
        const { failure } = await fly(session, `select $1::int + ${index}`, [1])
        expect(failure).toBeNull()
      }
      expect((await fly(session, names)).results[0]?.rows).toHaveLength(256)
      session.release(false)
    })

    it('prepares anew what the server has forgotten', async () => {
      const session = await pgDriver(newPool(), { prepare: true }).acquire()
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
      session.release(false)
    })

    it.each([
      ['alone', []],
      ['within a transaction', ['begin']],
    ])('by itself names what comes again %s', async (place, begin) => {
      const session = await pgDriver(newPool()).acquire()
      const once = `select $1::int as "only once ${place}"`
      const often = `select $1::int as "often ${place}", current_setting('app.tenant', true)`
      for (const statement of begin) await fly(session, statement)
      await fly(session, once, [1])
      for (const n of [1, 2, 3]) expect((await fly(session, often, [n])).failure).toBeNull()
      const statements = 'select statement from pg_prepared_statements'
      expect((await fly(session, statements)).results[0]?.rows).toEqual([{ statement: often }])
      session.release(true)
    })

    it('fails once within a transaction after a table was altered, and not again', async () => {
      const session = await pgDriver(newPool()).acquire()
      await fly(session, 'create temp table shape3 as select 1 as id')
      const read = (): Promise<unknown> => fly(session, 'select * from shape3 where id > $1', [0])
      for (let use = 0; use < 3; use += 1) await read()
      await fly(session, 'alter table shape3 add added int default 7')
      for (const expected of [{ cause: { code: '0A000' } }, null]) {
        await fly(session, 'begin')
        expect(await read()).toMatchObject({ failure: expected })
        await fly(session, 'rollback')
      }
      session.release(false)
    })

    it.each<[string, string]>([
      ['forgotten', 'deallocate all'],
      ['planned for other columns', 'alter table shape add added int default 7'],
      ['planned for other types', 'alter table shape alter id type text'],
    ])('sends a flight again whose statement was %s, once and unseen', async (_why, change) => {
      const pool = newPool()
      const session = await pgDriver(pool).acquire()
      const [context, read] = [
        { text: "select set_config('app.tenant', $1, true)", values: ['a'], discard: true },
        { text: 'select * from shape where id > $1', values: [0] },
      ] as const
      await fly(session, 'create temp table shape as select 1 as id')
      const flight = (): Promise<unknown> => session.flight([context, read])
      for (let use = 0; use < 8; use += 1) expect(await flight()).toMatchObject({ failure: null })
      await fly(session, change)
      for (let use = 0; use < 3; use += 1) expect(await flight()).toMatchObject({ failure: null })
      session.release(false)
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
      const session = await pgDriver(pool, { prepare: true }).acquire()
      for (const value of ['a', 'b', 'c']) {
        expect((await fly(session, read, [value])).results[0]?.rows).toEqual([{ own: value }])
      }
      await fly(session, 'begin')
      expect((await fly(session, read, ['d'])).results[0]?.rows).toEqual([{ own: 'd' }])
      await fly(session, 'rollback')
      session.release(false)
    })

    it('does not send a flight again of which more than the context had run', async () => {
      const session = await pgDriver(newPool()).acquire()
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
      session.release(false)
    })

    it('does not serve one tenant the plan of another: no generic plan without parameters', async () => {
      const session = await pgDriver(newPool(), { prepare: true }).acquire()
      await fly(session, "select current_setting('app.tenant', true)")
      expect((await fly(session, names)).results[0]?.rows).toHaveLength(0)
      session.release(false)
    })
  })

  describe('with a single client', () => {
    it('takes turns, in order, on a client that it connects itself', async () => {
      const client = new pg.Client({ connectionString: database.url })
      const driver = pgDriver(client)
      const order: number[] = []
      let running = 0
      await Promise.all(
        [1, 2, 3, 4].map(async (turn) => {
          const session = await driver.acquire()
          running += 1
          expect(running).toBe(1)
          await fly(session, 'begin')
          await fly(session, 'select pg_sleep(0.01)')
          await fly(session, 'commit')
          order.push(turn)
          running -= 1
          session.release(false)
        }),
      )
      expect(order).toEqual([1, 2, 3, 4])
      await client.end()
    })

    it('takes a client that is connected, and refuses one that has ended', async () => {
      const client = new pg.Client({ connectionString: database.url })
      await client.connect()
      const driver = pgDriver(client)
      const session = await driver.acquire()
      const waiting = driver.acquire()
      await fly(session, 'begin')
      session.release(true)
      await expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
      await expect(driver.acquire()).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    })

    it('passes the error of a login on', async () => {
      const url = new URL(database.url)
      url.pathname = '/no_such_database'
      const driver = pgDriver(new pg.Client({ connectionString: url.href }))
      await expect(driver.acquire()).rejects.toMatchObject({ code: '3D000' })
    })
  })

  it('refuses pools that would bypass the protocol', async () => {
    const pipelined = newPool({ pipeline: true })
    await expect(pgDriver(pipelined).acquire()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(pipelined.idleCount).toBe(1)
    const released: unknown[] = []
    class NativeClient {
      static readonly Query = Object
      getTypeParser = () => String
      query = (): void => undefined
      release = (destroy?: boolean): void => void released.push(destroy)
      on = (): void => undefined
      removeListener = (): void => undefined
    }
    const native: PgPool = { on: () => undefined, connect: async () => new NativeClient() }
    await expect(pgDriver(native).acquire()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(released).toEqual([false])
  })
})
