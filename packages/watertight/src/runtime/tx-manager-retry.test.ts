import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import {
  acme,
  bodiesOf,
  member,
  notes,
  openRuntimeHarness,
} from '../../../../test/runtime-harness.js'
import type { Transaction } from './transaction.js'
import type { TransactionEnd, TxObserver } from './tx-observer.js'

let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

const fail = (sqlState: string): string =>
  `do $$ begin raise exception 'conflict' using errcode = '${sqlState}'; end $$`
const readToken = "select current_setting('watertight.context') as token"

describe('retry', () => {
  const retry = { attempts: 3, baseDelay: 100, maxDelay: 150 }

  it('of two that lose against each other lets both count', async () => {
    const { tx } = harness.connect({}, { max: 2 })
    let meet = (): void => undefined
    const both = new Promise<void>((resolve) => (meet = resolve))
    let waiting = 0
    const count = (body: string): Promise<unknown> =>
      tx.run(
        acme,
        async (tx) => {
          const { rowCount } = await tx.query(notes.list)
          waiting += 1
          if (waiting === 2) meet()
          await both
          await tx.query(notes.insert, [`${body} after ${rowCount}`])
        },
        { isolationLevel: 'serializable', retry: { attempts: 5 } },
      )
    await Promise.all([count('x'), count('x')])
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'x after 2', 'x after 3'])
    expect(waiting).toBe(3)
  })

  it('runs fn anew when a table was altered since its statement was prepared', async () => {
    const { tx } = harness.connect({}, { max: 1 })
    const { admin } = harness.database
    await admin.query('create table app.shapes as select 1 as id')
    await admin.query(`grant select on app.shapes to ${harness.database.appRole}`)
    const read = (): Promise<unknown> =>
      tx.run(
        acme,
        async (tx) => (await tx.query('select * from app.shapes where id > $1', [0])).rows,
        {
          retry,
        },
      )
    for (let use = 0; use < 3; use += 1) expect(await read()).toEqual([{ id: 1 }])
    await admin.query('alter table app.shapes add added int default 7')
    expect(await read()).toEqual([{ id: 1, added: 7 }])
    await admin.query('drop table app.shapes')
  })

  it.each(['40001', '40P01', '26000', '42P05'])(
    'runs fn anew on %s, with full jitter, a new handle and token',
    async (sqlState) => {
      const slept: number[] = []
      const handles = new Set<Transaction>()
      const tokens = new Set<unknown>()
      let seconds = 2_000_000_000
      const { tx, pool } = harness.connect(
        {
          random: () => 0.5,
          sleep: async (milliseconds) => {
            slept.push(milliseconds)
            seconds += 1
          },
          now: () => seconds * 1000,
        },
        { max: 1 },
      )
      const run = tx.run(
        acme,
        async (handle) => {
          handles.add(handle)
          tokens.add((await handle.query(readToken)).rows[0])
          await handle.query(notes.insert, ['a3'])
          if (handles.size < 3) await handle.query(fail(sqlState))
          return handles.size
        },
        { retry },
      )
      expect(await run).toBe(3)
      expect(slept).toEqual([50, 75])
      expect([handles.size, tokens.size, pool.totalCount]).toEqual([3, 3, 1])
      expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
    },
  )

  it.each<[string, number, (handle: Transaction) => Promise<unknown>]>([
    ['throws it on', 3, (tx) => tx.query(fail('40001'))],
    [
      'wraps it',
      3,
      (tx) =>
        tx.query(fail('40001')).catch((cause: unknown) => {
          throw new Error('wrapped', { cause })
        }),
    ],
    ['swallows it', 3, (tx) => tx.query(fail('40001')).catch(() => undefined)],
    ['replaces it', 3, (tx) => tx.query(fail('40001')).catch(() => Promise.reject(new Error('x')))],
    ['meets another error', 1, (tx) => tx.query('select 1 / 0')],
    ['throws by itself', 1, () => Promise.reject(new Error('mine'))],
    [
      'recovers and then throws by itself',
      1,
      async (tx) => {
        await tx.query('savepoint mine')
        await tx.query(fail('40P01')).catch(() => undefined)
        await tx.query('rollback to savepoint mine')
        throw new Error('mine')
      },
    ],
  ])('gives up after the last attempt when fn %s: %i calls', async (_name, expected, body) => {
    const { tx } = harness.connect({ sleep: async () => undefined })
    let calls = 0
    const run = tx.run(
      acme,
      async (handle) => {
        calls += 1
        await handle.query(notes.insert, ['lost'])
        await body(handle)
      },
      { retry },
    )
    await expect(run).rejects.toThrow()
    expect(calls).toBe(expected)
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })

  it('repeats nothing of which the outcome is unknown', async () => {
    const unknown: TransactionEnd[] = []
    const observer: TxObserver = { onUnknownOutcome: (end) => unknown.push(end) }
    const { tx } = harness.connect({ observer, sleep: async () => undefined }, { max: 1 })
    await tx.start()
    let calls = 0
    const run = tx.run(
      acme,
      async (handle) => {
        calls += 1
        await handle.query(notes.insert, ['a3'])
        harness.proxy.breakAt(({ bytes }) => bytes.includes('commit'), 'after')
      },
      { retry },
    )
    await expect(run).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    expect([calls, unknown.map(({ outcome }) => outcome)]).toEqual([1, ['unknown']])
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
  })

  it('ends with the context: an attempt after its expiry is not made', async () => {
    let seconds = 2_000_000_000
    const { tx } = harness.connect({
      now: () => seconds * 1000,
      sleep: async () => void (seconds += 100),
    })
    let calls = 0
    const context = member('acme', { expiresAt: seconds + 60 })
    const run = tx.run(
      context,
      (handle) => {
        calls += 1
        return handle.query(fail('40001'))
      },
      { retry },
    )
    await expect(run).rejects.toMatchObject({ code: 'CONTEXT_EXPIRED' })
    expect(calls).toBe(2)
  })

  it('ends with its AbortSignal, between attempts too', async () => {
    const abort = new AbortController()
    const { tx } = harness.connect({
      onDenied: () => undefined,
      observer: { onRetry: () => abort.abort() },
    })
    const run = tx.run(acme, (tx) => tx.query(fail('40001')), {
      retry: { attempts: 3, baseDelay: 60_000, maxDelay: 60_000 },
      signal: abort.signal,
    })
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('by default belongs to the outermost run alone', async () => {
    const { tx } = harness.connect({ defaults: { retry }, sleep: async () => undefined })
    const calls: string[] = []
    const run = tx.run(acme, async () => {
      calls.push('outer')
      await tx.run(acme, async (inner) => {
        calls.push('inner')
        if (calls.length < 4) await inner.query(fail('40P01'))
      })
    })
    await run
    expect(calls).toEqual(['outer', 'inner', 'outer', 'inner'])
    const once = tx.run(acme, () => Promise.reject(new Error('once')), { retry: false })
    await expect(once).rejects.toThrow('once')
  })
})

describe('an observer', () => {
  it('is told of transactions, statements, denials and retries, never of values', async () => {
    const events: string[] = []
    const tell =
      (name: string) =>
      (event: object): void => {
        const flat = JSON.stringify(event, (key, value: unknown) =>
          key === 'durationMs' || key === 'context' || key === 'cause' ? undefined : value,
        )
        events.push(`${name} ${flat}`)
      }
    const observer: TxObserver = {
      onTransactionStart: tell('start'),
      onTransactionEnd: tell('end'),
      onStatement: tell('statement'),
      onDenial: tell('denial'),
      onRetry: tell('retry'),
      onSlowTransaction: tell('slow'),
    }
    const { tx } = harness.connect({ observer, random: () => 0, sleep: async () => undefined })
    await tx.query(acme, notes.insert, ['secret value'])
    await tx
      .query(acme, "insert into app.notes (tenant_id, body) values ('globex', 'x')")
      .catch(() => undefined)
    await tx.run(acme, (tx) => tx.query('select 1'), {
      readOnly: true,
      isolationLevel: 'repeatable read',
    })
    await tx.close()
    const start = (kind: string): unknown => expect.stringMatching(`^start {"kind":"${kind}"`)
    expect(events).toEqual([
      start('query'),
      expect.stringMatching(/^statement .*"text":"insert .*"rowCount":1,"error":null/),
      expect.stringMatching(/^end .*"outcome":"committed","statements":1,"error":null/),
      start('query'),
      expect.stringMatching(/^statement .*"rowCount":null,"error":{.*"ACCESS_DENIED"/),
      expect.stringMatching(/^denial .*"ACCESS_DENIED"/),
      expect.stringMatching(/^end .*"outcome":"rolled-back"/),
      expect.stringMatching('"readOnly":true,"isolationLevel":"repeatable read","attempt":1'),
      expect.stringMatching(/^statement .*"text":"select 1"/),
      expect.stringMatching(/^end .*"outcome":"committed".*"inBackground":true/),
    ])
    expect(events.join()).not.toContain('secret value')
  })

  it('is told of each attempt, of slow transactions, and of a COMMIT that failed in the background', async () => {
    const ends: TransactionEnd[] = []
    const slow: TransactionEnd[] = []
    const { tx } = harness.connect({
      slowAfter: 20,
      onSlow: (end) => slow.push(end),
      observer: { onTransactionEnd: (end) => ends.push(end) },
      sleep: async () => undefined,
    })
    await tx.query(acme, 'select pg_sleep(0.03)')
    expect(slow.map(({ transaction }) => transaction.kind)).toEqual(['query'])
    let calls = 0
    const run = tx.run(acme, (tx) => tx.query(fail('40001')).finally(() => (calls += 1)), {
      retry: { attempts: 2 },
    })
    await expect(run).rejects.toMatchObject({ sqlState: '40001' })
    expect(
      ends.slice(1).map(({ transaction: { attempt }, outcome }) => [attempt, outcome]),
    ).toEqual([
      [1, 'rolled-back'],
      [2, 'rolled-back'],
    ])
    harness.proxy.breakAt(({ bytes }) => bytes.includes('commit'), 'before')
    const read = tx.run(acme, (tx) => tx.query('select 1 as one'), { readOnly: true })
    expect((await read).rows).toEqual([{ one: 1 }])
    await tx.close()
    expect(ends.at(-1)).toMatchObject({ outcome: 'unknown', inBackground: true })
  })

  it('that rejects leaves no rejection unhandled', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown): number => unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    const later = (): never => Promise.reject(new Error('later')) as never
    const observer: TxObserver = { onTransactionStart: later, onStatement: later }
    const { tx } = harness.connect({ observer })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
    await new Promise((resolve) => setImmediate(resolve))
    process.removeListener('unhandledRejection', onUnhandled)
    expect(unhandled).toEqual([])
  })

  it('that throws changes no outcome', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): number => warnings.push(warning)
    process.on('warning', onWarning)
    const boom = (): never => {
      throw new Error('secret of the hook')
    }
    const observer: TxObserver = {
      onTransactionStart: boom,
      onTransactionEnd: boom,
      onStatement: () => Promise.reject(new Error('secret of the hook')) as never,
      onDenial: boom,
    }
    const { tx, pool } = harness.connect({ observer, onDenied: boom, onSlow: boom, slowAfter: 0 })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
    await tx.run(acme, (tx) => tx.query(notes.insert, ['a3']))
    const foreign = tx.query(acme, "insert into app.notes (tenant_id, body) values ('globex', 'x')")
    await expect(foreign).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
    expect(pool.idleCount).toBe(pool.totalCount)
    await expect.poll(() => warnings.length).toBe(1)
    expect(String(warnings[0])).not.toContain('secret')
    process.removeListener('warning', onWarning)
  })
})
