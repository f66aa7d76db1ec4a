import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, Session, Statement } from 'watertight/runtime'
import type { CountingProxy } from './counting-proxy.js'
import { startCountingProxy } from './counting-proxy.js'
import type { TestDatabase } from './database.js'
import { createTestDatabase } from './database.js'
import { describeCancel } from './driver-cancel-contract.js'
import { describeCopy } from './driver-copy-contract.js'
import { describeRows } from './driver-rows-contract.js'
import { landed, statement, useSession } from './driver-session.js'

/** A driver under test and what closes its pool. */
export interface OpenDriver {
  readonly driver: Driver
  close(): Promise<void>
}

/** What a driver can do only with a server behind a network. */
export interface DriverCapabilities {
  /** Round trips can be counted, connections broken, flights cancelled. */
  readonly server: boolean
  readonly copyIn: boolean
}

/** What every implementation of the driver port must do; `open` gets at most one connection. */
export function describeDriver(
  name: string,
  open: (url: string) => OpenDriver | Promise<OpenDriver>,
  capabilities: DriverCapabilities = { server: true, copyIn: true },
): void {
  describe(`the driver port, on ${name}`, () => {
    let database: TestDatabase
    let proxy: CountingProxy
    let opened: OpenDriver

    beforeAll(async () => {
      if (capabilities.server) {
        database = await createTestDatabase()
        proxy = await startCountingProxy(database.url)
      }
      opened = await open(capabilities.server ? proxy.through(database.url) : '')
      await withSession((session) => landed(session, ['create table kept (id int)']))
    })
    afterAll(async () => {
      await opened.close()
      if (!capabilities.server) return
      await proxy.close()
      await database.drop()
    })

    function withSession<Result>(use: (session: Session) => Promise<Result>): Promise<Result> {
      return useSession(opened.driver, use)
    }

    describeCopy(() => opened.driver, capabilities)
    describeRows(() => opened.driver)
    if (capabilities.server) describeCancel(() => opened.driver)

    it('sends a flight in one round trip and returns a result per statement', async () => {
      await withSession(async (session) => {
        if (capabilities.server) proxy.reset()
        const flight = await landed(session, [
          'begin',
          ['select $1::int + $2 as sum', 1, 2],
          'insert into kept values (1), (2)',
          '',
          'select null as nothing where false',
          'rollback',
        ])
        expect(capabilities.server ? proxy.roundTrips : 1).toBe(1)
        expect(flight.failure).toBeNull()
        expect(flight.results.map(({ command }) => command)).toEqual([
          'BEGIN',
          'SELECT',
          'INSERT',
          '',
          'SELECT',
          'ROLLBACK',
        ])
        expect(flight.results[1]?.rows).toEqual([{ sum: 3 }])
        expect(flight.results[2]?.rowCount).toBe(2)
        expect(flight.results[4]?.rows).toEqual([])
      })
    })

    it('makes one transaction of a flight without BEGIN', async () => {
      await withSession(async (session) => {
        const set = "select set_config('app.x', 'set', true)"
        const get = "select current_setting('app.x', true) as x"
        expect((await landed(session, [set, get])).results[1]?.rows).toEqual([{ x: 'set' }])
        expect((await landed(session, [get])).results[0]?.rows).toEqual([{ x: '' }])
        const failed = await landed(session, ['insert into kept values (3)', 'select 1 / 0'])
        expect(failed.status).toBe('idle')
        expect((await landed(session, ['select from kept'])).results[0]?.rowCount).toBe(0)
      })
    })

    it.each([0, 1, 2])('names statement %i as the one that failed', async (index) => {
      await withSession(async (session) => {
        const texts = ['select 1', 'select 1', 'select 1'].with(index, 'select 1 / 0')
        const flight = await landed(session, texts)
        expect(flight.results).toHaveLength(index)
        expect(flight.failure).toMatchObject({ index, origin: 'server', cause: { code: '22012' } })
      })
    })

    it('tells the status of the transaction', async () => {
      await withSession(async (session) => {
        const statuses: string[] = []
        for (const text of ['begin', 'select 1', 'select 1 / 0', 'select 1', 'rollback']) {
          statuses.push((await landed(session, [text])).status)
        }
        expect(statuses).toEqual(['open', 'open', 'failed', 'failed', 'idle'])
      })
    })

    it.each<[string, string, string]>([
      ['several commands in one text', 'select 1; drop table kept', '42601'],
      ['a syntax error', 'selec', '42601'],
      ...(capabilities.copyIn
        ? [['COPY FROM STDIN', 'copy kept from stdin', '57014'] as [string, string, string]]
        : []),
    ])('reports %s as a failure of the server', async (_name, text, code) => {
      await withSession(async (session) => {
        const flight = await landed(session, ['select 1', text])
        expect(flight.failure).toMatchObject({ index: 1, origin: 'server', cause: { code } })
      })
    })

    it.each<[string, Statement]>([
      ['a NUL in the text', { text: 'select 1\0', values: [] }],
      [
        'too many parameters',
        { text: 'select 1', values: Array.from({ length: 65_536 }, () => 1) },
      ],
      ['COPY TO STDOUT', { text: 'copy kept to stdout', values: [] }],
    ])('reports %s as a failure of the client', async (_name, statement) => {
      await withSession(async (session) => {
        const flight = await session.flight([statement])
        expect(flight).toMatchObject({ kind: 'landed', failure: { index: 0, origin: 'client' } })
      })
    })

    if (capabilities.server) describeLosses()

    function describeLosses(): void {
      it('loses a flight whose connection breaks, and every flight after it', async () => {
        const session = await opened.driver.acquire()
        await session.flight([statement('begin')])
        proxy.breakAt(({ type }) => type === 'S', 'before')
        expect(await session.flight([statement('select 1')])).toMatchObject({
          kind: 'lost',
          sent: true,
          refused: false,
        })
        expect(await session.flight([statement('select 1')])).toMatchObject({
          kind: 'lost',
          sent: false,
        })
        session.release(false)
        await withSession(async (next) => {
          expect((await landed(next, ['select 1 as one'])).results[0]?.rows).toEqual([{ one: 1 }])
        })
      })

      it('tells a flight that the server refused to finish from one that may have', async () => {
        const session = await opened.driver.acquire()
        const kill = 'select pg_terminate_backend(pg_backend_pid())'
        expect(await session.flight([statement(kill)])).toMatchObject({
          kind: 'lost',
          refused: true,
        })
        session.release(true)
      })

      it('survives the end of a connection that nobody uses', async () => {
        const session = await opened.driver.acquire()
        const { results } = await landed(session, ['select pg_backend_pid() as pid'])
        session.release(false)
        const row = results[0]?.rows[0] as { pid: number }
        await database.admin.query('select pg_terminate_backend($1, 1000)', [row.pid])
        // Until the news has arrived the pool hands the dead connection out once more.
        await expect
          .poll(async () => {
            const next = await opened.driver.acquire()
            const { kind } = await next.flight([statement('select 1')])
            next.release(kind === 'lost')
            return kind
          })
          .toBe('landed')
      })
    }
  })
}
