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

  it('tells an exhausted pool, whose own time-out ends the wait, from a server out of reach', async () => {
    const driver = pgDriver(newPool({ connectionTimeoutMillis: 500 }))
    const held = await driver.acquire()
    try {
      await expect(driver.acquire()).rejects.toMatchObject({
        code: 'ACQUIRE_TIMEOUT',
        cause: { message: 'timeout exceeded when trying to connect' },
      })
    } finally {
      held.release(false)
    }
    const nowhere = newPool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' })
    await expect(pgDriver(nowhere).acquire()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
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
