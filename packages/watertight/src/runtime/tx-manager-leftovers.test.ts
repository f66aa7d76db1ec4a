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

describe('a transaction', () => {
  it('is not touched by what a session left for a claim that is absent', async () => {
    const { tx, pool } = harness.connect({ context: plain }, { max: 1 })
    await pool.query("select set_config('app.user_id', 'somebody else', false)")
    expect((await tx.query(acme, settings)).rows).toEqual([{ tenant: 'acme', user: '' }])
  })
})
