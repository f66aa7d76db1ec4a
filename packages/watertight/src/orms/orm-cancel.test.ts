import { CompiledQuery, Kysely } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TxManager } from 'watertight/runtime'
import { acme, openRuntimeHarness } from '../../../../test/runtime-harness.js'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { tenancyErrorOf } from './driver-errors.js'
import { tenantKnex } from './knex.js'
import { TenantDialect } from './kysely.js'

let harness: RuntimeHarness
let tx: TxManager

beforeAll(async () => {
  harness = await openRuntimeHarness()
  tx = harness.connect().tx
})
afterAll(() => harness?.close())

const sleep = 'select pg_sleep(30)'

async function sleepers(): Promise<number | null> {
  const { rowCount } = await harness.database.admin.query(
    "select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'",
  )
  return rowCount
}

const orms: Readonly<Record<string, () => (text: string) => Promise<unknown>>> = {
  kysely() {
    const db = new Kysely<object>({ dialect: new TenantDialect(tx) })
    return (text) => db.executeQuery(CompiledQuery.raw(text))
  },
  knex() {
    const db = tenantKnex(tx)
    return async (text) => db.raw(text)
  },
}

it.each(Object.entries(orms))(
  'the signal of a run cancels the statement that %s sends inside of it',
  async (_name, open) => {
    const ask = open()
    const abort = new AbortController()
    const run = tx.run(acme, () => ask(sleep), { signal: abort.signal })
    await expect.poll(sleepers).toBe(1)
    abort.abort()
    const error: unknown = await run.catch((thrown: unknown) => thrown)
    expect(tenancyErrorOf(error)?.code).toBe('ABORTED')
    expect(await sleepers()).toBe(0)
  },
)

it('knex refuses a time-out that would cancel, before anything is sent', async () => {
  const db = tenantKnex(tx.as(acme))
  const trips = await harness.tripsOf(async () => {
    expect(() => db.raw(sleep).timeout(10, { cancel: true })).toThrow('not supported')
  })
  expect(trips).toBe(0)
})

it('knex rejects a query that timed out while its statement waits for a lock', async ({
  onTestFinished,
}) => {
  const db = tenantKnex(tx.as(acme))
  const { admin } = harness.database
  onTestFinished(async () => void (await admin.query('rollback')))
  await admin.query('begin')
  await admin.query('lock table app.notes')
  await expect(db('app.notes').timeout(10)).rejects.toThrow('timeout of 10ms exceeded')
  await admin.query('rollback')
  expect(await db('app.notes')).toEqual(expect.any(Array))
})
