import { describe, expect, it } from 'vitest'
import type { Driver, Session } from 'watertight/runtime'
import { landed, requireLanded, rowOf, statement, useSession } from './driver-session.js'

/** What a driver with a server must do with cancel requests. */
export function describeCancel(driver: () => Driver): void {
  describe('cancel', () => {
    const pidOf = async (session: Session): Promise<number> =>
      (await rowOf<{ pid: number }>(session, 'select pg_backend_pid() as pid')).pid

    it('ends the flight in progress and keeps the connection', async () => {
      const session = await driver().acquire()
      const pid = await pidOf(session)
      const flight = session.flight([statement('begin'), statement('select pg_sleep(60)')])
      const cancelled = afterPause().then(() => session.cancel())
      expect(requireLanded(await flight)).toMatchObject({
        failure: { index: 1, origin: 'server', cause: { code: '57014' } },
        status: 'failed',
      })
      await cancelled
      await landed(session, ['rollback'])
      session.release(false)
      await useSession(driver(), async (next) => expect(await pidOf(next)).toBe(pid))
    })

    it('does nothing without a flight', async () => {
      const session = await driver().acquire()
      const pid = await pidOf(session)
      await session.cancel()
      session.release(false)
      await session.cancel()
      await useSession(driver(), async (next) => expect(await pidOf(next)).toBe(pid))
    })

    it('never hits a statement of the next transaction', async () => {
      for (let round = 0; round < 40; round += 1) {
        const session = await driver().acquire()
        // The request is made while the flight is in the air and arrives when it has landed.
        const flight = session.flight([statement('select 1')])
        const cancelled = session.cancel()
        await flight
        session.release(false)
        await useSession(driver(), async (next) => {
          const { failure } = await landed(next, ['select 1', 'select pg_sleep(0.002)'])
          expect(failure).toBeNull()
        })
        await cancelled
      }
    })

    it('never hits the statement after it in its own transaction', async () => {
      await useSession(driver(), async (session) => {
        for (let round = 0; round < 40; round += 1) {
          const first = session.flight([statement('begin')])
          void session.cancel()
          await first
          const { failure } = await landed(session, ['select pg_sleep(0.002)'])
          expect(failure?.cause).not.toMatchObject({ code: '57014' })
          await landed(session, ['rollback'])
        }
      })
    })

    it('ends a COPY in either direction', async () => {
      await useSession(driver(), async (session) => {
        const endless = "copy (select generate_series(1, 50000000), repeat('x', 1000)) to stdout"
        const out = session.copyOut([statement(endless)], () => undefined)
        const cancelledOut = afterPause().then(() => session.cancel())
        expect(requireLanded(await out).failure).toMatchObject({ cause: { code: '57014' } })
        await cancelledOut
        const table = statement('create temp table fed (id int)')
        async function* silent(): AsyncGenerator<Uint8Array> {
          await new Promise(() => undefined)
          yield new Uint8Array()
        }
        const into = session.copyIn([table, statement('copy fed from stdin')], silent())
        const cancelledIn = afterPause().then(() => session.cancel())
        expect(requireLanded(await into).failure).toMatchObject({ cause: { code: '57014' } })
        await cancelledIn
      })
    })
  })
}

/** Long enough for a statement to be under way, so that the request finds it. */
function afterPause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 60))
}
