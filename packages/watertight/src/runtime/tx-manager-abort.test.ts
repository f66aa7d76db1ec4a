import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { acme, bodiesOf, notes, openRuntimeHarness } from '../../../../test/runtime-harness.js'

let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

const sleep = 'select pg_sleep(30)'
const slowInsert = "insert into app.notes (body) select 'slow' from pg_sleep(30)"

/** Resolves once a backend of the database runs a statement like `text`. */
async function untilRunning(text: string): Promise<void> {
  await expect
    .poll(async () => {
      const { rowCount } = await harness.database.admin.query(
        "select from pg_stat_activity where datname = current_database() and state = 'active' and query = $1",
        [text],
      )
      return rowCount
    })
    .toBe(1)
}

describe('an AbortSignal', () => {
  const reason = new Error('the client went away')
  const aborted = { code: 'ABORTED', cause: reason }

  it('that is aborted already keeps anything from being sent or called', async () => {
    const { tx } = harness.connect()
    await tx.start()
    const signal = AbortSignal.abort(reason)
    let called = false
    const trips = await harness.tripsOf(async () => {
      await expect(tx.query(acme, notes.list, [], { signal })).rejects.toMatchObject(aborted)
      await expect(tx.batch(acme, [notes.list], { signal })).rejects.toMatchObject(aborted)
      const run = tx.run(acme, () => (called = true), { signal })
      await expect(run).rejects.toMatchObject(aborted)
      const [stream] = [tx.stream(acme, notes.list, [], { signal })[Symbol.asyncIterator]()]
      await expect(stream.next()).rejects.toMatchObject(aborted)
    })
    expect([trips, called]).toEqual([0, false])
  })

  it('ends the wait for a connection, which goes to the next who waits', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    await tx.start()
    const held = await pool.connect()
    const abort = new AbortController()
    const { signal } = abort
    const query = tx.query(acme, notes.insert, ['a3'], { signal })
    const run = tx.run(acme, (tx) => tx.query(notes.insert, ['a4']), { signal })
    const next = bodiesOf(tx, acme)
    abort.abort(reason)
    await expect(query).rejects.toMatchObject(aborted)
    await expect(run).rejects.toMatchObject(aborted)
    held.release()
    expect(await next).toEqual(['a1', 'a2'])
    await expect.poll(() => [pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0])
  })

  it.each([
    ['a query', slowInsert],
    ['a batch', slowInsert],
    ['a run', sleep],
    ['a stream', sleep],
  ] as const)(
    'cancels the statement of %s on the server; nothing of it stays',
    async (kind, text) => {
      const { tx, pool } = harness.connect({}, { max: 1 })
      const abort = new AbortController()
      const { signal } = abort
      const insert = [notes.insert, ['a3']] as const
      const calls = {
        'a query': () => tx.query(acme, text, [], { signal }),
        'a batch': () => tx.batch(acme, [insert, text], { signal }),
        'a run': () =>
          tx.run(acme, (tx) => tx.query(...insert).then(() => tx.query(text)), { signal }),
        'a stream': () => tx.stream(acme, text, [], { signal })[Symbol.asyncIterator]().next(),
      }
      const call = calls[kind]()
      await untilRunning(kind === 'a stream' ? 'fetch forward 500 from watertight_cursor_1' : text)
      abort.abort(reason)
      await expect(call).rejects.toMatchObject(aborted)
      expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
      const { rowCount } = await harness.database.admin.query(
        "select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'",
      )
      expect([rowCount, pool.totalCount, pool.idleCount]).toEqual([0, 1, 1])
    },
  )

  it('between statements refuses the next one, and rolls back whatever fn makes of it', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    const abort = new AbortController()
    const swallowed = tx.run(
      acme,
      async (handle) => {
        await handle.query(notes.insert, ['a3'])
        abort.abort(reason)
        await expect(handle.query(notes.insert, ['a4'])).rejects.toMatchObject(aborted)
        return 'done'
      },
      { signal: abort.signal },
    )
    await expect(swallowed).rejects.toMatchObject(aborted)
    const late = new AbortController()
    const atTheEnd = tx.run(
      acme,
      async (handle) => {
        await handle.query(notes.insert, ['a3'])
        late.abort(reason)
      },
      { signal: late.signal },
    )
    await expect(atTheEnd).rejects.toMatchObject(aborted)
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
    expect(pool.totalCount).toBe(1)
  })

  it('during the COMMIT changes nothing: what is committed is returned', async () => {
    const { tx } = harness.connect({}, { max: 1 })
    const abort = new AbortController()
    const { signal } = abort
    const run = tx.run(acme, (tx) => tx.query(notes.insert, ['a3']), { signal })
    harness.proxy.onFrame = (frame) => {
      if (frame.bytes.includes('commit')) abort.abort(reason)
    }
    await expect(run).resolves.toMatchObject({ rowCount: 1 })
    expect(signal.aborted).toBe(true)
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
  })

  it('of many calls keeps none of their listeners', async () => {
    const { tx } = harness.connect()
    let listeners = 0
    const { signal } = new AbortController()
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }
    await tx.query(acme, notes.list, [], { signal })
    await tx.run(acme, (tx) => tx.batch([notes.list, notes.list]), { signal })
    const rows = tx.stream(acme, notes.list, [], { signal })[Symbol.asyncIterator]()
    await rows.next()
    await rows.return?.()
    expect(listeners).toBe(0)
  })
})
