import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import {
  acme,
  bodiesOf,
  globex,
  notes,
  openRuntimeHarness,
  signingKey,
} from '../../../../test/runtime-harness.js'
import { pgDriver } from '../drivers/pg.js'
import type { Transaction } from './transaction.js'
import { createTxManager } from './tx-manager.js'

let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

describe('time-outs', () => {
  const show =
    "select current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') || ' ' " +
    "|| current_setting('idle_in_transaction_session_timeout') as all"

  it('hold for one transaction: of the call, else of the manager, else of the server', async () => {
    const defaults = { statementTimeout: 20_000, lockTimeout: 3000 }
    const { tx, pool } = harness.connect({ defaults }, { max: 1 })
    const read = async (tx: Transaction): Promise<unknown> => (await tx.query(show)).rows
    const options = { statementTimeout: 0, idleTimeout: 70_000 }
    expect((await tx.query(acme, show)).rows).toEqual([{ all: '20s 3s 0' }])
    expect((await tx.query(acme, show, [], options)).rows).toEqual([{ all: '0 3s 70s' }])
    expect((await tx.batch(acme, [show], options))[0]?.rows).toEqual([{ all: '0 3s 70s' }])
    expect(await tx.run(acme, read)).toEqual([{ all: '20s 3s 0' }])
    expect(await tx.run(acme, read, options)).toEqual([{ all: '0 3s 70s' }])
    for await (const row of tx.stream(acme, show, [], options)) {
      expect(row).toEqual({ all: '0 3s 70s' })
    }
    expect((await pool.query(show)).rows).toEqual([{ all: '0 0 0' }])
  })

  it('end a statement, the wait for a lock, and a transaction that sends nothing', async () => {
    const { tx, pool } = harness.connect({}, { max: 2 })
    const slow = tx.query(acme, 'select pg_sleep(30)', [], { statementTimeout: 20 })
    await expect(slow).rejects.toMatchObject({ sqlState: '57014' })
    const batch = tx.batch(acme, ['select 1', 'select pg_sleep(30)'], { statementTimeout: 20 })
    await expect(batch).rejects.toMatchObject({
      sqlState: '57014',
      problems: [{ path: 'statements[1]', message: 'failed' }],
    })
    const locked = await pool.connect()
    await locked.query('begin; lock table app.notes in row exclusive mode')
    const waiting = tx.run(acme, (tx) => tx.query('lock table app.notes in share mode'), {
      lockTimeout: 20,
    })
    await expect(waiting).rejects.toMatchObject({ sqlState: '55P03' })
    await locked.query('rollback')
    locked.release()
    const idle = tx.run(
      acme,
      async (handle) => {
        await handle.query(notes.insert, ['lost'])
        await expect
          .poll(
            () =>
              handle.query('select 1').then(
                () => 'lives',
                ({ code }: { code: string }) => code,
              ),
            {
              interval: 200,
            },
          )
          .toBe('CONNECTION_FAILED')
      },
      { idleTimeout: 50 },
    )
    await expect(idle).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })

  it.each([
    ['a negative time-out', { statementTimeout: -1 }],
    ['a fraction', { lockTimeout: 0.5 }],
    ['a text', { idleTimeout: '1s; drop table app.notes' }],
    ['a time-out past 32 bits', { statementTimeout: 2 ** 31 }],
    ['not a number', { statementTimeout: Number.NaN }],
    ['null', { lockTimeout: null }],
    ['an unknown option', { readonly: true }],
    ['a signal that is none', { signal: { aborted: true } }],
    ['no object', 7],
  ])('of %s are refused before anything is sent', async (_name, options) => {
    const { tx } = harness.connect()
    const refused = { code: 'INVALID_INPUT' }
    const trips = await harness.tripsOf(async () => {
      await expect(tx.query(acme, notes.list, [], options as never)).rejects.toMatchObject(refused)
      await expect(tx.run(acme, () => 1, options as never)).rejects.toMatchObject(refused)
    })
    expect(trips).toBe(0)
    expect(() => harness.connect({ defaults: options as never })).toThrow(
      expect.objectContaining(refused),
    )
  })

  it.each([
    { retry: { attempts: 0 } },
    { retry: { attempts: 1.5 } },
    { retry: { attempts: 3, baseDelay: -1 } },
    { retry: { attempts: 3, maxDelay: Number.NaN } },
    { readOnly: 'yes' },
    { isolationLevel: 'toString' },
  ])('and other options are refused too: %j', async (options) => {
    const { tx } = harness.connect()
    const run = tx.run(acme, () => 1, options as never)
    await expect(run).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('of a call that joins a transaction are refused: they would last beyond it', async () => {
    const { tx } = harness.connect()
    await tx.run(acme, async () => {
      const options = { statementTimeout: 10 }
      const refused = { code: 'INVALID_INPUT' }
      await expect(tx.query(acme, notes.list, [], options)).rejects.toMatchObject(refused)
      await expect(tx.batch(acme, [notes.list], options)).rejects.toMatchObject(refused)
      await expect(tx.run(acme, () => 1, { retry: { attempts: 2 } })).rejects.toMatchObject(refused)
    })
  })
})

describe('acquireTimeout', () => {
  it('ends the wait for a connection; one that comes later is not lost', async () => {
    const { tx, pool } = harness.connect({ acquireTimeout: 20 }, { max: 1 })
    await tx.start()
    const held = await pool.connect()
    const exhausted = { code: 'ACQUIRE_TIMEOUT' }
    await expect(tx.query(acme, notes.insert, ['x'])).rejects.toMatchObject(exhausted)
    const run = tx.run(acme, (tx) => tx.query(notes.insert, ['x']))
    await expect(run).rejects.toMatchObject(exhausted)
    const rows = tx.stream(acme, notes.list)[Symbol.asyncIterator]()
    await expect(rows.next()).rejects.toMatchObject(exhausted)
    expect(pool.waitingCount).toBe(3)
    held.release()
    await expect.poll(() => [pool.idleCount, pool.waitingCount]).toEqual([1, 0])
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })

  it('covers the boot check, which waits for a connection as well', async () => {
    const { tx, pool } = harness.connect({ acquireTimeout: 20 }, { max: 1 })
    const held = await pool.connect()
    await expect(tx.query(acme, notes.list)).rejects.toMatchObject({ code: 'ACQUIRE_TIMEOUT' })
    held.release()
    await expect.poll(() => bodiesOf(tx, acme).catch(String)).toEqual(['a1', 'a2'])
  })
})

describe('close', () => {
  it('refuses new work, waits for what runs, and for a COMMIT that nobody awaited', async () => {
    const { tx, pool } = harness.connect({}, { max: 2 })
    await tx.start()
    let finish = (): void => undefined
    const gate = new Promise<void>((resolve) => (finish = resolve))
    const run = tx.run(acme, async (handle) => {
      await handle.query(notes.insert, ['a3'])
      await gate
      await tx.query(acme, notes.insert, ['a4'])
    })
    await tx.run(acme, (tx) => tx.query(notes.list), { readOnly: true })
    expect(pool.idleCount).toBe(0)
    let closed = false
    const closing = tx.close().then(() => (closed = true))
    for (const late of [
      tx.query(acme, notes.list),
      tx.run(acme, () => 1),
      tx.stream(acme, notes.list)[Symbol.asyncIterator]().next(),
    ]) {
      await expect(late).rejects.toMatchObject({ code: 'TX_CLOSED' })
    }
    expect(closed).toBe(false)
    finish()
    await run
    await closing
    expect(pool.idleCount).toBe(pool.totalCount)
    const { rowCount } = await harness.database.admin.query(
      "select from app.notes where body in ('a3', 'a4')",
    )
    expect(rowCount).toBe(2)
    await tx.close()
  })
})

describe('a bound handle', () => {
  const context = "select current_setting('watertight.context') as token"

  function connectAll() {
    const { pool } = harness.connect({}, { max: 1 })
    const driver = pgDriver(pool)
    const pools = { app: driver, worker: driver, auditor: driver, platform: driver, public: driver }
    const keyTypes = { tenant: 'text', user: 'text' } as const
    let seconds = 1_900_000_000
    const now = (): number => seconds * 1000
    const tx = createTxManager({ pools, signingKey, keyTypes, now })
    return { tx, later: (by: number) => (seconds += by) }
  }

  it('runs every verb under its context', async () => {
    const { tx } = connectAll()
    const handle = tx.as(acme)
    expect(handle.context).toBe(acme)
    expect((await handle.query(notes.list)).rowCount).toBe(2)
    expect(await handle.batch([notes.list, notes.list])).toHaveLength(2)
    await handle.run(async (inner) => {
      await inner.query(notes.insert, ['a3'])
      expect((await handle.query(notes.list)).rowCount).toBe(3)
      await expect(tx.as(globex).query(notes.list)).rejects.toMatchObject({
        code: 'CONTEXT_MISMATCH',
      })
    })
    const seen: unknown[] = []
    for await (const { tenant_id } of handle.stream(notes.list)) seen.push(tenant_id)
    expect(seen).toEqual(['acme', 'acme', 'acme'])
  })

  it.each<[string, object]>([
    ['v2-public.1900000060......', {}],
    ['v2-auditor.1900000060.acme.u1...g1.', { grant: 'g1', tenantId: 'acme' }],
    ['v2-platform.1900000060..u1....', {}],
    [
      'v2-platform.7000000000.acme.u1...g1.',
      { grant: 'g1', tenantId: 'acme', expiresAt: 7_000_000_000 },
    ],
    ['v2-worker.1900000060.acme.u1....send', { tenantId: 'acme', capabilities: ['send'] }],
  ])('of each mode signs %s', async (payload, claims) => {
    const { tx } = connectAll()
    const given = { userId: 'u1', ...claims } as never
    const mode = /^v2-(\w+)/.exec(payload)?.[1]
    const handle =
      mode === 'public'
        ? tx.asPublic()
        : mode === 'auditor'
          ? tx.asAuditor(given)
          : mode === 'platform'
            ? tx.asPlatform(given)
            : tx.asWorker(given)
    const { rows } = await handle.query<{ token: string }>(context)
    expect(rows[0]?.token).toMatch(/^[0-9a-f]{64}\.k1\.v2-/)
    expect(rows[0]?.token.slice(68)).toBe(payload)
  })

  it('of a visitor has the mode of its name, whatever the claims say', () => {
    const { tx } = connectAll()
    const claims = { userId: 'u1', tenantId: 'acme', grant: 'g', mode: 'member' }
    expect(tx.asAuditor(claims).context.mode).toBe('auditor')
    expect(tx.asPlatform(claims).context.mode).toBe('platform')
  })

  it('of the public does not expire, one of a visitor does', async () => {
    const { tx, later } = connectAll()
    const anyone = tx.asPublic()
    const auditor = tx.asAuditor({ userId: 'u1', tenantId: 'acme', grant: 'g1' })
    later(61)
    await anyone.query('select 1')
    await expect(auditor.query('select 1')).rejects.toMatchObject({ code: 'CONTEXT_EXPIRED' })
  })

  it.each([
    ['as', undefined, 'CONTEXT_REQUIRED'],
    ['as', { ...acme }, 'INVALID_CONTEXT'],
    ['asWorker', acme, 'INVALID_CONTEXT'],
    ['asWorker', null, 'CONTEXT_REQUIRED'],
    ['asWorker', { mode: 'member', tenantId: 'acme' }, 'INVALID_CONTEXT'],
    ['asWorker', { tenantId: undefined }, 'INVALID_CONTEXT'],
    ['asAuditor', { userId: 'u1', tenantId: 'acme' }, 'INVALID_CONTEXT'],
    ['asPlatform', { userId: 'u1', tenantId: 'acme' }, 'INVALID_CONTEXT'],
    ['asPlatform', { tenantId: 'acme', grant: 'g' }, 'INVALID_CONTEXT'],
  ] as const)('%s(%j) is refused, and never more than it says: %s', (verb, claims, code) => {
    const { tx } = connectAll()
    const bind = (): string => tx[verb](claims as never).context.mode
    expect(bind).toThrow(expect.objectContaining({ code }))
  })
})
