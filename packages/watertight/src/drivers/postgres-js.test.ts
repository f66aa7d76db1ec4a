import { createServer, connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../test/database.js'
import { createTestDatabase } from '../../../../test/database.js'
import { describeDriver } from '../../../../test/driver-contract.js'
import { landed, rowOf, useSession } from '../../../../test/driver-session.js'
import type { Session } from '../runtime/driver.js'
import type { FaultProxy } from '../../../../test/fault-proxy.js'
import { startFaultProxy } from '../../../../test/fault-proxy.js'
import { tlsCertificate, tlsKey } from '../../../../test/tls-certificate.js'
import { postgresJsDriver } from './postgres-js.js'

describeDriver('postgres', (url) => open(url, {}))
describeDriver('postgres without prepared statements', (url) =>
  open(url, { prepare: false, fetch_types: false }),
)

type Options = postgres.Options<Record<string, postgres.PostgresType>>

function open(url: string, options: Options) {
  const sql = postgres(url, { max: 1, onnotice: () => undefined, ...options })
  return { driver: postgresJsDriver(sql), close: () => sql.end() }
}

describe('postgresJsDriver', () => {
  let database: TestDatabase
  let proxy: FaultProxy
  const opened: postgres.Sql[] = []
  beforeAll(async () => {
    database = await createTestDatabase()
    proxy = await startFaultProxy(database.url)
  })
  afterAll(async () => {
    await Promise.all(opened.map((sql) => sql.end()))
    await proxy.close()
    await database.drop()
  })

  function instance(options: Options = {}, url = database.url): postgres.Sql {
    const sql = postgres(url, { max: 1, onnotice: () => undefined, ...options })
    opened.push(sql)
    return sql
  }

  it('throws the errors of postgres', async () => {
    const sql = instance()
    await useSession(postgresJsDriver(sql), async (session) => {
      const { failure } = await landed(session, ["select 'x'::int"])
      expect(failure?.cause).toBeInstanceOf(sql.PostgresError)
      expect(failure?.cause).toMatchObject({
        name: 'PostgresError',
        code: '22P02',
        severity: 'ERROR',
      })
    })
  })

  const toBoolean = 'alter table t alter id type boolean using id = 1'
  it.each([
    ['reads', 'select * from t where id = $1', 'alter table t add added int default 7', '0A000'],
    ['compares', 'select n from t where id = $1', 'alter table t alter id type text', '42883'],
    ['writes', 'insert into t (id) values ($1)', toBoolean, '42804'],
  ])('follows a table that was altered since a statement %s it', async (_, text, change, code) => {
    const schema = `altered${opened.length}`
    const connection = { search_path: schema }
    const other = instance({ connection })
    await other.unsafe(`create schema ${schema}; create table t as select 1 as id, 2 as n`)
    const driver = postgresJsDriver(instance({ connection }))
    const ask = { text, values: [1] }
    await useSession(driver, async (session) => {
      for (let use = 0; use < 2; use += 1) {
        expect(await session.flight([ask])).toMatchObject({ failure: null })
      }
      await other.unsafe(change)
      // Sent again where nothing is lost by it; what ran before in the flight would run twice.
      const twice = await session.flight([{ text: 'select 1', values: [] }, ask])
      expect(twice).toMatchObject({ failure: { index: 1, cause: { code } } })
      expect(await session.flight([ask])).toMatchObject({ failure: null })
    })
    await useSession(driver, async (session) => {
      expect(await session.flight([ask])).toMatchObject({ failure: null })
    })
  })

  it('takes values of the type that a column was given since a statement was prepared', async () => {
    await useSession(postgresJsDriver(instance()), async (session) => {
      await landed(session, ['create temp table widened (id int)'])
      const begin = { text: 'begin', values: [], discard: true as const }
      const insert = { text: 'insert into widened values ($1)', values: ['1'] }
      for (let use = 0; use < 2; use += 1) await session.flight([insert])
      const large = { ...insert, values: ['3000000000'] }
      for (const failure of [{ cause: { code: '22003' } }, null]) {
        expect(await session.flight([large])).toMatchObject({ failure })
        if (failure === null) break
        await landed(session, ['alter table widened alter id type bigint'])
      }
      await session.flight([insert])
      await landed(session, ['alter table widened alter id type text'])
      const word = { ...insert, values: ['INV-1'] }
      expect(await session.flight([begin, word])).toMatchObject({ failure: null, status: 'open' })
      await landed(session, ['commit'])
      expect(await rowOf(session, 'select count(*)::int as n from widened')).toEqual({ n: 5 })
    })
  })

  it('sends undefined in an array as its transform says', async () => {
    const sql = instance({ transform: { undefined: null } })
    await useSession(postgresJsDriver(sql), async (session) => {
      const { results } = await landed(session, [
        ['select $1::int[]::text as n', [1, undefined, 3]],
      ])
      expect(results[0]?.rows).toEqual([{ n: '{1,NULL,3}' }])
    })
  })

  it('sends a flight again, unseen, whose statement was planned for other columns', async () => {
    const driver = postgresJsDriver(instance())
    const ask = { text: 'select * from again where $1::int = 1', values: [1] }
    await useSession(driver, async (session) => {
      await landed(session, ['create table again as select 1 as id'])
      const context = {
        text: "select set_config('app.x', $1, true)",
        values: ['a'],
        discard: true as const,
      }
      for (const change of ['add b int', 'add c int', 'drop c']) {
        expect(await session.flight([context, ask])).toMatchObject({ failure: null })
        await landed(session, [`alter table again ${change}`])
      }
      expect(await session.flight([context, ask])).toMatchObject({
        failure: null,
        results: [{}, { rows: [{ id: 1, b: null }] }],
      })
    })
  })

  it('honours types and transforms, save for statements with parsers of their own', async () => {
    const point = {
      to: 600,
      from: [600],
      serialize: ({ x, y }: { x: number; y: number }) => `(${x},${y})`,
      parse: (text: string) => text.slice(1, -1).split(',').map(Number),
    }
    const sql = instance({ types: { point }, transform: postgres.camel })
    await useSession(postgresJsDriver(sql), async (session) => {
      const text = `select $1::point as the_point, '{1,2}'::int[] as some_ints, '{"a_b":1}'::jsonb as j`
      const values = [{ x: 1, y: 2 }]
      for (let round = 0; round < 2; round += 1) {
        const { results } = await landed(session, [[text, ...values]])
        expect(results[0]?.rows).toEqual([{ thePoint: [1, 2], someInts: [1, 2], j: { aB: 1 } }])
      }
      const types = { getTypeParser: () => String }
      const raw = await session.flight([{ text, values, types }])
      expect(raw).toMatchObject({
        results: [{ rows: [{ the_point: '(1,2)', some_ints: '{1,2}', j: '{"a_b": 1}' }] }],
      })
    })
  })

  it('sends typed parameters by their type, and the rest as the server wants it', async () => {
    const sql = instance()
    await useSession(postgresJsDriver(sql), async (session) => {
      const text =
        'select pg_typeof($1) as t, $2::jsonb as j, $3::int[] as a, $4::date as d, $5::jsonb as b'
      const date = new Date('2026-01-02T00:00:00Z')
      const values = [sql.typed(1, 23), [1, { b: 2 }], [3, 4], date, true]
      const flight = await landed(session, ["set local time zone 'UTC'", [text, ...values]])
      expect(flight.failure).toBeNull()
      expect(flight.results[1]?.rows).toEqual([
        { t: 'integer', j: [1, { b: 2 }], a: [3, 4], d: date, b: true },
      ])
    })
  })

  it('commits nothing when a value cannot be converted once its type is known', async () => {
    const failing = { to: 3802, from: [3802], serialize: () => fail(), parse: JSON.parse }
    await useSession(postgresJsDriver(instance({ types: { failing } })), async (session) => {
      await landed(session, ['create temp table kept_not (id int)'])
      const flight = await landed(session, [
        'insert into kept_not values (1)',
        ['select $1::jsonb', { a: 1 }],
        'select 1',
      ])
      expect(flight).toMatchObject({
        status: 'idle',
        failure: { index: 1, origin: 'client', cause: { message: 'serializer' } },
      })
      expect(await rowOf(session, 'select count(*)::int as n from kept_not')).toEqual({ n: 0 })
    })
  })

  it('shares its connections out, none to two sessions at a time', async () => {
    const driver = postgresJsDriver(instance({ max: 3 }))
    const held = new Set<number>()
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        useSession(driver, async (session) => {
          const { pid } = await rowOf<{ pid: number }>(session, 'select pg_backend_pid() as pid')
          expect(held.has(pid)).toBe(false)
          held.add(pid)
          const value = { text: 'select $1::int as n', values: [index] }
          expect(await session.flight([value])).toMatchObject({
            results: [{ rows: [{ n: index }] }],
          })
          held.delete(pid)
        }),
      ),
    )
  })

  it('ends with the instance, after the sessions in progress', async () => {
    const sql = instance()
    const driver = postgresJsDriver(sql)
    const session = await driver.acquire()
    const ended = sql.end()
    expect((await landed(session, ['select 1'])).failure).toBeNull()
    session.release(false)
    await ended
    await expect(driver.acquire()).rejects.toMatchObject({ code: 'CONNECTION_ENDED' })
  })

  it.each<[string, (session: Session) => Promise<unknown>]>([
    ['given up', async (session) => session.release(true)],
    [
      'lost',
      async (session) => {
        await session.flight([
          { text: 'select pg_terminate_backend(pg_backend_pid())', values: [] },
        ])
        session.release(true)
      },
    ],
  ])('ends although a connection was %s and not used again', async (_, giveUp) => {
    const sql = instance({ max: 2 })
    const driver = postgresJsDriver(sql)
    const [session, other] = [await driver.acquire(), await driver.acquire()]
    await giveUp(session)
    const ended = sql.end()
    expect((await landed(other, ['select 1'])).failure).toBeNull()
    other.release(false)
    await ended
    await expect(driver.acquire()).rejects.toMatchObject({ code: 'CONNECTION_ENDED' })
  })

  it('ends although a login was refused', async () => {
    const url = new URL(database.url)
    url.pathname = '/no_such_database'
    const sql = instance({}, url.href)
    await expect(postgresJsDriver(sql).acquire()).rejects.toMatchObject({ code: '3D000' })
    await sql.end()
  })

  it('rejects a login that is refused, and tries anew', async () => {
    const url = new URL(database.url)
    url.pathname = '/no_such_database'
    const driver = postgresJsDriver(instance({}, url.href))
    await expect(driver.acquire()).rejects.toMatchObject({ code: '3D000' })
    await expect(driver.acquire()).rejects.toMatchObject({ code: '3D000' })
  })

  it('rejects while there is no server, without losing a place in the pool', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const driver = postgresJsDriver(instance({}, `postgres://nobody@127.0.0.1:${port}/none`))
    for (let round = 0; round < 3; round += 1) {
      await expect(driver.acquire()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    }
  })

  it.each(['client', 'server'] as const)(
    'survives the loss of a connection at any message of the %s',
    async (from) => {
      const driver = postgresJsDriver(instance({}, proxy.through(database.url)))
      for (const kind of ['reset', 'eof', 'partial'] as const) {
        for (let at = 1; at <= 7; at += 1) {
          const session = await driver.acquire()
          proxy.arm({ kind, from, at })
          const flight = await session.flight([
            { text: "select set_config('app.x', $1, true)", values: ['x'] },
            { text: 'select $1::int as n', values: [at] },
          ])
          expect(flight.kind).toBe(proxy.struck === 1 ? 'lost' : 'landed')
          session.release(false)
          proxy.reset()
        }
      }
      await useSession(driver, async (session) => {
        expect(await rowOf(session, 'select 1 as one')).toEqual({ one: 1 })
      })
    },
  )

  it('speaks TLS below postgres, and cancels over it', async () => {
    const target = new URL(database.url)
    let secured = 0
    const inner = createTlsServer({ key: tlsKey, cert: tlsCertificate }, (socket) => {
      secured += 1
      const upstream = connect(Number(target.port), target.hostname)
      socket.pipe(upstream).pipe(socket)
      socket.on('error', () => upstream.destroy())
      upstream.on('error', () => socket.destroy())
    })
    const outer = createServer((socket) => {
      socket.once('data', () => {
        socket.write('S')
        inner.emit('connection', socket)
      })
      socket.on('error', () => undefined)
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => outer.once('listening', resolve))
    const url = new URL(database.url)
    url.hostname = 'localhost'
    url.port = String((outer.address() as AddressInfo).port)
    const trusting = instance({ ssl: { ca: tlsCertificate } }, url.href)
    const driver = postgresJsDriver(trusting)
    await useSession(driver, async (session) => {
      expect(await rowOf(session, 'select 1 as one')).toEqual({ one: 1 })
      const flight = session.flight([{ text: 'select pg_sleep(60)', values: [] }])
      await new Promise((resolve) => setTimeout(resolve, 60))
      await session.cancel()
      expect(await flight).toMatchObject({ failure: { cause: { code: '57014' } } })
    })
    expect(secured).toBe(2)
    const strict = postgresJsDriver(instance({ ssl: 'verify-full' }, url.href))
    await expect(strict.acquire()).rejects.toThrow(/certificate/)
    await trusting.end()
    outer.close()
  })

  it('refuses the option socket, which it could not follow', () => {
    const sql = instance({ socket: () => connect(1) } as Options)
    expect(() => postgresJsDriver(sql)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  it('refuses what is not an instance of postgres', () => {
    expect(() => postgresJsDriver({} as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})

function fail(): never {
  throw new Error('serializer')
}
