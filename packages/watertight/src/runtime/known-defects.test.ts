import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import {
  acme,
  bodiesOf,
  globex,
  member,
  notes,
  openRuntimeHarness,
  signingKey,
} from '../../../../test/runtime-harness.js'
import { pgDriver } from '../drivers/pg.js'
import { currentContext, withContext } from './ambient-context.js'
import { parseTenantContext } from './parse-tenant-context.js'
import { signContext } from './sign-context.js'
import { createSystemScope } from './system-scope.js'
import type { TenantContext } from './tenant-context.js'
import { createTxManager } from './tx-manager.js'

/*
 * What went wrong in other libraries for tenants on PostgreSQL, one test by the name of each
 * defect. Where it applies, the defect itself is shown first, with the guard left out.
 */
let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

it('an un-awaited query returned from the callback runs outside the context', async () => {
  const { tx, pool } = harness.connect({}, { max: 1 })
  // The defect: the transaction is over when the returned query is sent.
  const client = await pool.connect()
  const set = "select set_config('watertight.context', $1, true)"
  const broken = async (fn: () => Promise<pg.QueryResult>): Promise<pg.QueryResult> => {
    await client.query('begin')
    await client.query(set, [signContext(acme, signingKey)])
    const lazy = { run: fn }
    await client.query('commit')
    return lazy.run()
  }
  expect((await broken(() => client.query(notes.list))).rows).toEqual([])
  client.release()
  const { rows } = await tx.run(acme, (tx) => tx.query(notes.list))
  expect(rows).toHaveLength(2)
  const forgotten = tx.run(acme, (handle) => {
    void handle.query(notes.insert, ['forgotten'])
    void handle.batch([notes.list, [notes.insert, ['forgotten too']]])
  })
  await forgotten
  expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'forgotten', 'forgotten too'])
  expect(pool.totalCount).toBe(1)
})

it('a nested transaction silently switches tenant', async () => {
  const { tx } = harness.connect()
  const mismatch = { code: 'CONTEXT_MISMATCH' }
  await tx.run(acme, async (outer) => {
    await expect(tx.run(globex, (inner) => inner.query(notes.list))).rejects.toMatchObject(mismatch)
    await expect(tx.batch(globex, [notes.list])).rejects.toMatchObject(mismatch)
    const rows = tx.stream(globex, notes.list)[Symbol.asyncIterator]()
    await expect(rows.next()).rejects.toMatchObject(mismatch)
    expect((await outer.query(notes.list)).rows).toHaveLength(2)
  })
})

it.each([
  [undefined, 'CONTEXT_REQUIRED'],
  [null, 'CONTEXT_REQUIRED'],
  ['acme', 'INVALID_CONTEXT'],
  [{}, 'INVALID_CONTEXT'],
  [{ ...acme, tenantId: null }, 'INVALID_CONTEXT'],
])('a null context means bypass: %j', async (context, code) => {
  const { tx } = harness.connect()
  await tx.start()
  const given = context as unknown as TenantContext
  const refused = { code }
  const trips = await harness.tripsOf(async () => {
    await expect(tx.query(given, notes.list)).rejects.toMatchObject(refused)
    await expect(tx.batch(given, [notes.list])).rejects.toMatchObject(refused)
    await expect(tx.run(given, (tx) => tx.query(notes.list))).rejects.toMatchObject(refused)
    const rows = tx.stream(given, notes.list)[Symbol.asyncIterator]()
    await expect(rows.next()).rejects.toMatchObject(refused)
    expect(() => tx.as(given)).toThrow(expect.objectContaining(refused))
  })
  expect(trips).toBe(0)
})

it('a session-level SET leaks through a transaction pooler', async () => {
  const { tx, pool } = harness.connect({}, { max: 1 })
  const naked = async (): Promise<unknown[]> => (await pool.query(notes.list)).rows
  // The defect: what is set for the session is there for whoever gets the connection next.
  await pool.query("select set_config('watertight.context', $1, false)", [
    signContext(acme, signingKey),
  ])
  expect(await naked()).toHaveLength(2)
  expect(await bodiesOf(tx, globex)).toEqual(['g1'])
  await pool.query('reset watertight.context')
  await tx.query(acme, notes.list)
  expect(await naked()).toEqual([])
  await tx.batch(acme, [notes.list, notes.list])
  expect(await naked()).toEqual([])
  await tx.run(acme, (tx) => tx.query(notes.list), { readOnly: true })
  expect(await naked()).toEqual([])
  for await (const row of tx.stream(acme, notes.list, [], { batchSize: 1 })) if (row) break
  expect(await naked()).toEqual([])
  expect(pool.totalCount).toBe(1)
})

it('a worker keeps the tenant of the job before', async () => {
  const { pool } = harness.connect({}, { max: 1 })
  const driver = pgDriver(pool)
  const keyTypes = { tenant: 'text' } as const
  const tx = createTxManager({ pools: { app: driver, worker: driver }, signingKey, keyTypes })
  const seen: unknown[] = []
  const jobs: object[] = [{ tenantId: 'acme' }, {}, { tenantId: 'globex' }, { tenantId: undefined }]
  for (const job of jobs) {
    try {
      const worker = tx.asWorker(job)
      const { rows } = await worker.run((tx) => tx.query<{ body: string }>(notes.list))
      seen.push(rows.map(({ body }) => body))
    } catch (error) {
      seen.push((error as { code: string }).code)
    }
    expect(() => currentContext()).toThrow(expect.objectContaining({ code: 'CONTEXT_REQUIRED' }))
  }
  expect(seen).toEqual([['a1', 'a2'], 'INVALID_CONTEXT', ['g1'], 'INVALID_CONTEXT'])
})

it('a statement cache remembers a tenant', async () => {
  const { pool } = harness.connect({}, { max: 1 })
  const prepared = createTxManager({
    pools: { app: pgDriver(pool, { prepare: true }) },
    signingKey,
  })
  // PostgreSQL considers a generic plan from the sixth execution on.
  for (let round = 0; round < 8; round += 1) {
    for (const [tenant, expected] of [
      [acme, 2],
      [globex, 1],
      [member('nobody'), 0],
    ] as const) {
      expect((await prepared.query(tenant, notes.list)).rowCount).toBe(expected)
      const text = 'select from app.notes where id > $1'
      expect((await prepared.query(tenant, text, [0])).rowCount).toBe(expected)
    }
  }
  const { rows } = await pool.query(
    "select generic_plans > 0 as generic from pg_prepared_statements where statement like 'select from%'",
  )
  expect(rows).toEqual([{ generic: true }])
})

it('statements leak out of an interactive transaction', async () => {
  const { tx } = harness.connect()
  const error = new Error('no')
  // By the handle, by the manager and by the ambient context: all are the same transaction.
  const run = tx.run(acme, async (handle) => {
    await handle.query(notes.insert, ['by the handle'])
    await tx.query(acme, notes.insert, ['by the manager'])
    await tx.query(currentContext(), notes.insert, ['by the ambient context'])
    await tx.as(acme).batch([[notes.insert, ['by a bound handle']]])
    await tx.run(acme, (inner) => inner.query(notes.insert, ['by a nested run']))
    await new Promise((resolve) => setTimeout(resolve, 1))
    await Promise.all([1, 2, 3].map((n) => tx.query(acme, notes.insert, [`at once ${n}`])))
    expect(await bodiesOf(tx, acme)).toHaveLength(10)
    throw error
  })
  await expect(run).rejects.toBe(error)
  expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
})

it('a request-scoped tree of dependencies: a singleton serves all tenants at once', async () => {
  const { tx, pool } = harness.connect({}, { max: 3 })
  class NotesService {
    async list(): Promise<unknown[]> {
      await new Promise((resolve) => setImmediate(resolve))
      const { rows } = await tx.query<{ tenant_id: string }>(currentContext(), notes.list)
      return rows.map(({ tenant_id }) => tenant_id)
    }
  }
  const service = new NotesService()
  const requests = Array.from({ length: 60 }, (_, index) =>
    index % 3 === 0
      ? tx.run(acme, () => service.list())
      : withContext(index % 3 === 1 ? acme : globex, () => service.list()),
  )
  const answers = await Promise.all(requests)
  for (const [index, answer] of answers.entries()) {
    expect(answer).toEqual(index % 3 === 2 ? ['globex'] : ['acme', 'acme'])
  }
  expect(pool.totalCount).toBe(3)
  await expect(service.list()).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
})

it('a pool per tenant: one pool serves a thousand', async () => {
  const { tx, pool } = harness.connect({}, { max: 4 })
  const tenants = Array.from({ length: 1000 }, (_, index) => member(`tenant-${index}`))
  const tenantOf = 'select watertight.tenant_id() as id'
  const ids = await Promise.all(
    tenants.map(async (tenant) => (await tx.query<{ id: string }>(tenant, tenantOf)).rows[0]?.id),
  )
  expect(ids).toEqual(tenants.map(({ tenantId }) => tenantId))
  expect(pool.totalCount).toBeLessThanOrEqual(4)
})

it('migrations under FORCE touch 0 rows silently', async () => {
  const { database } = harness
  const owner = `${database.rolePrefix}_owner`
  await database.admin.query(`create role ${owner} login; alter table app.notes owner to ${owner};
    grant usage on schema app, watertight to ${owner}`)
  const pool = new pg.Pool({ connectionString: database.urlFor(owner), max: 1 })
  const backfill = "update app.notes set body = body || '!'"
  expect((await pool.query(backfill)).rowCount).toBe(0)
  const system = createSystemScope({ driver: pgDriver(pool) })
  await expect(system.query(backfill)).rejects.toMatchObject({ code: 'ROWS_HIDDEN' })
  await database.admin.query(`alter role ${owner} bypassrls`)
  expect((await system.query(backfill)).rowCount).toBe(3)
  await expect(system.query(`${backfill} where false`)).rejects.toMatchObject({
    code: 'NO_ROWS_WRITTEN',
  })
  await pool.end()
  await database.admin.query('alter table app.notes owner to current_user')
})

it('INSERT ... RETURNING needs a SELECT policy, and the bare 42501 gives no reason', async () => {
  const { tx } = harness.connect()
  const { admin, appRole } = harness.database
  await admin.query(`
    create table app.inbox (tenant_id text default watertight.tenant_id(), body text);
    alter table app.inbox enable row level security;
    create policy inbox_insert on app.inbox for insert
      with check (tenant_id = (select watertight.tenant_id()));
    grant insert, select on app.inbox to ${appRole}`)
  const insert = 'insert into app.inbox (body) values ($1)'
  expect((await tx.query(acme, insert, ['x'])).rowCount).toBe(1)
  await expect(tx.query(acme, `${insert} returning body`, ['x'])).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
    sqlState: '42501',
    object: 'inbox',
    hint: expect.stringContaining('RETURNING'),
  })
})

it.each<[string, unknown]>([
  ['undefined', undefined],
  ['null', null],
  ['empty', ''],
  ['blank', '  '],
  ['malformed', "acme'; drop table app.notes; --"],
  ['a number', 7],
  ['NaN', Number.NaN],
  ['a bigint', 7n],
  ['a boolean', true],
  ['an array', ['0195b4f0-5b5c-7000-8000-00000000000a']],
  ['an object', { toString: () => '0195b4f0-5b5c-7000-8000-00000000000a' }],
  ['a uuid in braces', '{0195b4f0-5b5c-7000-8000-00000000000a}'],
  ['a uuid with a NUL', '0195b4f0-5b5c-7000-8000-00000000000a\0'],
])('a tenant id that is %s becomes no context', (_name, tenantId) => {
  const parse = (): unknown => parseTenantContext({ mode: 'member', tenantId })
  expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_CONTEXT' }))
})

it('a clock that jumps: expiry follows it, forward and back, and the server has its own', async () => {
  let seconds = 2_000_000_000
  const { tx } = harness.connect({ now: () => seconds * 1000 })
  const context = member('acme', { expiresAt: seconds + 60 })
  expect(await bodiesOf(tx, context)).toHaveLength(2)
  seconds += 3600
  await expect(tx.query(context, notes.list)).rejects.toMatchObject({ code: 'CONTEXT_EXPIRED' })
  seconds -= 3600
  expect(await bodiesOf(tx, context)).toHaveLength(2)
  // A process whose clock stands still in the past signs what the server takes for expired.
  seconds = 1_000_000_000
  const stale = member('acme', { expiresAt: seconds + 60 })
  expect(await bodiesOf(tx, stale)).toEqual([])
  await expect(tx.query(stale, notes.insert, ['x'])).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
  })
  await expect(
    tx.run(context, async (tx) => {
      seconds = 3_000_000_000
      await tx.query(notes.list)
    }),
  ).rejects.toMatchObject({ code: 'CONTEXT_EXPIRED' })
})
