import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { withContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { acme, globex, notes, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { tenancyErrorOf, tenantPool } from './tenant-pool.js'

let harness: RuntimeHarness
let tx: TxManager

beforeAll(async () => {
  harness = await openRuntimeHarness()
  ;({ tx } = harness.connect({}, { max: 3 }))
  await tx.start()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

const bodiesOf = (rows: readonly Record<string, unknown>[]): unknown[] =>
  rows.map(({ body }) => body)

it('reads what is the tenant’s of the ambient context, and nothing without one', async () => {
  const pool = tenantPool(tx)
  const ours = await withContext(acme, () => pool.query(notes.list))
  const theirs = await withContext(globex, () => pool.query(notes.list))
  expect(bodiesOf(ours.rows)).toEqual(['a1', 'a2'])
  expect(bodiesOf(theirs.rows)).not.toContain('a1')
  await expect(pool.query(notes.list)).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
})

it('runs under the context of a handle, and rolls back what its client forgets after the time it is given', async () => {
  const pool = tenantPool(tx.as(acme), { abandonAfter: 50 })
  const client = await pool.connect()
  await client.query('begin')
  expect(bodiesOf((await client.query(notes.list)).rows)).toEqual(['a1', 'a2'])
  await expect
    .poll(
      () => client.query(notes.list).then(null, (error: unknown) => tenancyErrorOf(error)?.code),
      {
        interval: 200,
        timeout: 10_000,
      },
    )
    .toBe('TX_CLOSED')
  client.release()
})

it('refuses what would stay on a connection', async () => {
  const setting = withContext(acme, () => tenantPool(tx).query(`set search_path = ''`))
  await expect(setting).rejects.toMatchObject({ code: 'STATEMENT_REFUSED' })
})
