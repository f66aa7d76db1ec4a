import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import {
  acme,
  bodiesOf,
  notes,
  openRuntimeHarness,
  signingKey,
} from '../../../../test/runtime-harness.js'
import { pgDriver } from '../drivers/pg.js'
import { createTxManager } from './tx-manager.js'

let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

describe('a broken connection', () => {
  const kill = 'select pg_terminate_backend(pg_backend_pid())'

  it('fails a query whose backend is killed, and the pool recovers', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    await expect(tx.query(acme, kill)).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      sqlState: '57P01',
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
    expect(pool.totalCount).toBe(1)
  })

  it('fails a transaction killed between its statements, with nothing done', async () => {
    const { tx } = harness.connect({}, { max: 1 })
    const run = tx.run(acme, async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
      await tx.query(notes.insert, ['lost'])
      await harness.database.admin.query('select pg_terminate_backend($1, 1000)', [rows[0]?.pid])
      await tx.query(notes.list)
    })
    await expect(run).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })

  it('says so even when fn swallowed it', async () => {
    const { tx } = harness.connect({}, { max: 1 })
    const run = tx.run(acme, async (tx) => {
      await tx.query(notes.insert, ['lost'])
      await tx.query(kill).catch(() => undefined)
    })
    await expect(run).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })

  it.each([
    ['before the server got the COMMIT', 'before', ['a1', 'a2']],
    ['after the server had committed', 'after', ['a1', 'a2', 'a3']],
  ] as const)('leaves the outcome unknown when lost %s', async (_name, moment, expected) => {
    const { tx } = harness.connect({}, { max: 1 })
    await tx.start()
    const run = tx.run(acme, async (tx) => {
      await tx.query(notes.insert, ['a3'])
      harness.proxy.breakAt(({ bytes }) => bytes.includes('commit'), moment)
    })
    await expect(run).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    expect(await bodiesOf(tx, acme)).toEqual(expected)
  })

  it('leaves the outcome of a lone statement unknown when lost after it', async () => {
    const { tx } = harness.connect({}, { max: 1 })
    await tx.start()
    harness.proxy.breakAt(({ type, bytes }) => type === 'P' && bytes.includes('insert'), 'after')
    await expect(tx.query(acme, notes.insert, ['a3'])).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3'])
  })

  it('is typed when the server cannot be reached or refuses the login', async () => {
    const nowhere = new pg.Pool({ connectionString: 'postgres://x@127.0.0.1:1/x' })
    const stranger = new pg.Pool({ connectionString: harness.database.urlFor('wt_no_such_role') })
    const attempt = (pool: pg.Pool): Promise<unknown> =>
      createTxManager({ pools: { app: pgDriver(pool) }, signingKey }).query(acme, notes.list)
    await expect(attempt(nowhere)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    await expect(attempt(stranger)).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' })
  })
})
