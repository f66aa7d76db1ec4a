import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { acme, globex, notes, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { TxManagerOptions } from './tx-manager.js'

let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

const plain: NonNullable<TxManagerOptions['context']> = {
  kind: 'guc',
  tenant: 'app.tenant_id',
  user: 'app.user_id',
  orgUnits: null,
  orgScope: null,
}
const settings =
  "select current_setting('app.tenant_id', true) as tenant, current_setting('app.user_id', true) as user"

describe('a transaction leaves on its connection', () => {
  it('no setting of a plain context', async () => {
    const { tx, pool } = harness.connect({ context: plain }, { max: 1 })
    const left = async (): Promise<unknown> => (await pool.query(settings)).rows
    expect((await tx.query(acme, settings)).rows).toEqual([{ tenant: 'acme', user: '' }])
    expect(await left()).toEqual([{ tenant: '', user: '' }])
    await tx.run(globex, async (handle) => {
      expect((await handle.query(settings)).rows).toEqual([{ tenant: 'globex', user: '' }])
    })
    expect(await left()).toEqual([{ tenant: '', user: '' }])
    await tx.run(acme, (handle) => handle.query('select 1 / 0')).catch(() => undefined)
    expect(await left()).toEqual([{ tenant: '', user: '' }])
    expect(pool.totalCount).toBe(1)
  })

  it('no cursor', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    const declare = 'declare held cursor with hold for select body from app.notes'
    // The attack: PostgreSQL keeps the rows, and asks no policy when somebody else fetches them.
    const client = await pool.connect()
    await client.query('begin')
    await client.query('declare ours cursor with hold for select 1 as one')
    await client.query('commit')
    client.release()
    expect((await tx.query(globex, 'fetch all from ours')).rows).toEqual([{ one: 1 }])
    const refused = { code: 'INVALID_INPUT' }
    await expect(tx.run(acme, (handle) => handle.query(declare))).rejects.toMatchObject(refused)
    await expect(tx.query(acme, `/* x */ ${declare}`)).rejects.toMatchObject(refused)
    await expect(tx.query(globex, 'fetch all from held')).rejects.toMatchObject({
      sqlState: '34000',
    })
    expect((await tx.query(globex, notes.list)).rowCount).toBe(1)
  })
})

describe('a setting of the session', () => {
  it.each([
    ['SET', 'set search_path = elsewhere'],
    ['SET SESSION', 'set session search_path to elsewhere'],
    ['SET in a comment of which the word LOCAL stands', 'set /* local */ search_path = elsewhere'],
    ['set_config', "select set_config('search_path', 'elsewhere', false)"],
    [
      'set_config beside one for the transaction',
      "select set_config('app.x', 'y', true), set_config('search_path', 'elsewhere', 1 = 2)",
    ],
    [
      'set_config whose argument is computed',
      "select pg_catalog.SET_CONFIG ('search_path', concat('else', 'where'), not true)",
    ],
    [
      'set_config by an escaped name',
      `select U&"set_confi\\0067"('search_path', 'elsewhere', false)`,
    ],
    ['SET within a block', 'do $$ begin set search_path = elsewhere; end $$'],
  ])('does not meet the next tenant when it is set by %s', async (_name, text) => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    const path = async (): Promise<unknown> => (await tx.query(globex, 'show search_path')).rows
    const before = await path()
    // The attack: PostgreSQL keeps it until the session ends.
    const client = await pool.connect()
    await client.query(text)
    expect((await client.query('show search_path')).rows).toEqual([{ search_path: 'elsewhere' }])
    client.release(true)
    await tx.query(acme, text)
    expect(await path()).toEqual(before)
    await tx.run(acme, (handle) => handle.query(text))
    expect(await path()).toEqual(before)
  })

  it('does not cost the connection when it ends with the transaction', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    const pid = async (): Promise<unknown> =>
      (await tx.query(globex, 'select pg_backend_pid() as pid')).rows
    const before = await pid()
    await tx.run(acme, async (handle) => {
      await handle.query("set local search_path = 'elsewhere'")
      await handle.query("select set_config('search_path', 'elsewhere', true)")
      await handle.query('set transaction isolation level read committed')
      await handle.query('set constraints all immediate')
    })
    expect(await pid()).toEqual(before)
    expect(pool.totalCount).toBe(1)
  })
})

describe('a transaction', () => {
  it('is not touched by what a session left for a claim that is absent', async () => {
    const { tx, pool } = harness.connect({ context: plain }, { max: 1 })
    await pool.query("select set_config('app.user_id', 'somebody else', false)")
    expect((await tx.query(acme, settings)).rows).toEqual([{ tenant: 'acme', user: '' }])
  })
})
