import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgDriver } from 'watertight/pg'
import { createTxManager, hmacPads } from 'watertight/runtime'
import type { Transaction, TxManager } from 'watertight/runtime'
import type { KernelDatabase } from '../../../../test/minimal-kernel.js'
import { createKernelDatabase } from '../../../../test/minimal-kernel.js'
import type { PgBouncer } from '../../../../test/pgbouncer.js'
import { hasPgBouncer, startPgBouncer } from '../../../../test/pgbouncer.js'
import {
  acme,
  bodiesOf,
  globex,
  member,
  notes,
  signingKey,
} from '../../../../test/runtime-harness.js'

// One connection to the server: whatever a transaction leaves there, the next one finds.
describe.skipIf(!hasPgBouncer())('on the one server connection of a pooler', () => {
  let database: KernelDatabase
  let pooler: PgBouncer
  let tx: TxManager
  /** What does not go through the manager. */
  let raw: pg.Pool
  const pools: pg.Pool[] = []

  beforeAll(async () => {
    database = await createKernelDatabase([{ kid: 'k1', ...hmacPads(signingKey.secret) }])
    const app = database.urlFor(database.appRole)
    pooler = await startPgBouncer([app], { serverPoolSize: 1 })
    const connectionString = pooler.through(app)
    const [pool, other] = [4, 4].map((max) => new pg.Pool({ connectionString, max }))
    if (pool === undefined || other === undefined) throw new Error('no pools')
    pools.push(pool, other)
    raw = other
    const driver = pgDriver(pool)
    tx = createTxManager({ pools: { app: driver, worker: driver }, signingKey })
    await database.admin.query(
      "insert into app.notes (tenant_id, body) values ('acme', 'a1'), ('acme', 'a2'), ('globex', 'g1')",
    )
  })
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await pooler.stop()
    await database.drop()
  })

  const unscoped = async (): Promise<string[]> =>
    (await raw.query<{ body: string }>(notes.list)).rows.map(({ body }) => body)

  const tokenOf = async (handle: Transaction): Promise<string> => {
    const text = "select current_setting('watertight.context') as token"
    return (await handle.query<{ token: string }>(text)).rows[0]?.token ?? ''
  }

  it('gives no later transaction the context of one that ended in any way', async () => {
    const endings: (() => Promise<unknown>)[] = [
      () => tx.query(acme, notes.list),
      () => tx.query(acme, 'select 1 / 0'),
      () => tx.run(acme, (handle) => handle.query(notes.list)),
      () => tx.run(acme, (handle) => handle.query('select 1 / 0')),
      () => tx.run(acme, (handle) => handle.query(notes.list), { readOnly: true }),
      () =>
        tx.run(acme, async (handle) => {
          await handle.query(notes.list)
          throw new Error('rolled back')
        }),
      () => tx.run(acme, (handle) => handle.query('select pg_sleep(5)'), { statementTimeout: 10 }),
      () => tx.query(acme, 'select pg_sleep(5)', [], { signal: AbortSignal.timeout(10) }),
      async () => {
        for await (const row of tx.stream(acme, notes.list, [], { batchSize: 1 })) {
          if (row !== null) break
        }
      },
    ]
    for (const ending of endings) {
      await ending().catch(() => undefined)
      expect(await unscoped()).toEqual([])
      expect(await bodiesOf(tx, globex)).toEqual(['g1'])
    }
  })

  it('would, were the context set for the session: the attack works', async () => {
    const token = await tx.run(acme, tokenOf)
    await raw.query("select set_config('watertight.context', $1, false)", [token])
    expect(await unscoped()).toEqual(['a1', 'a2'])
    // Even then a scoped transaction has its own context, and nothing of the session's.
    expect(await bodiesOf(tx, globex)).toEqual(['g1'])
    await tx.run(globex, async (handle) => {
      await handle.query(notes.list)
      expect(await tokenOf(handle)).not.toBe(token)
    })
    await raw.query('reset watertight.context')
    expect(await unscoped()).toEqual([])
  })

  it('takes a token for nothing once its context has expired', async () => {
    const short = member('acme', { expiresAt: Math.floor(Date.now() / 1000) + 2 })
    const token = await tx.run(short, tokenOf)
    const replay = async (): Promise<number | null> => {
      const client = await raw.connect()
      try {
        await client.query('begin')
        await client.query("select set_config('watertight.context', $1, true)", [token])
        return (await client.query(notes.list)).rowCount
      } finally {
        await client.query('rollback')
        client.release()
      }
    }
    await expect.poll(replay, { timeout: 10_000 }).toBe(0)
    await expect(tx.query(short, notes.list)).rejects.toMatchObject({ code: 'CONTEXT_EXPIRED' })
  })

  it('gives the next job of a worker its own tenant alone', async () => {
    const expiresAt = 9_999_999_999
    const jobs = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 'acme' : 'globex'))
    const workers = createTxManager({
      pools: { app: pgDriver(raw), worker: pgDriver(raw) },
      signingKey,
      keyTypes: { tenant: 'text' },
    })
    const run = async (tenantId: string, index: number): Promise<string[]> => {
      const job = workers.asWorker({ tenantId, expiresAt })
      if (index % 5 === 0) await job.query('select 1 / 0').catch(() => undefined)
      const { rows } = await job.query<{ tenant_id: string }>(notes.list)
      return rows.map((row) => row.tenant_id)
    }
    const seen = await Promise.all(jobs.map(run))
    const expected = { acme: ['acme', 'acme'], globex: ['globex'] } as Record<string, string[]>
    expect(seen).toEqual(jobs.map((tenant) => expected[tenant]))
  })

  it('asks the policies again when a prepared statement is run by another tenant', async () => {
    await tx.query(acme, 'prepare everything as select body from app.notes order by id')
    const run = async (context: typeof acme): Promise<unknown[]> =>
      (await tx.query<{ body: string }>(context, 'execute everything')).rows.map(({ body }) => body)
    expect(await run(acme)).toEqual(['a1', 'a2'])
    for (let times = 0; times < 7; times += 1) expect(await run(globex)).toEqual(['g1'])
    await raw.query('deallocate everything')
  })

  it('refuses a cursor that would keep rows for whoever has the connection next', async () => {
    const hold = 'declare kept cursor with hold for select body from app.notes'
    await expect(tx.query(acme, hold)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    const run = tx.run(acme, (handle) => handle.query(hold))
    await expect(run).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    // Past the manager the attack works.
    const token = await tx.run(acme, tokenOf)
    const client = await raw.connect()
    await client.query('begin')
    await client.query("select set_config('watertight.context', $1, true)", [token])
    await client.query(hold)
    await client.query('commit')
    client.release()
    const fetched = await tx.query<{ body: string }>(globex, 'fetch all from kept')
    expect(fetched.rows.map(({ body }) => body)).toEqual(['a1', 'a2'])
    await raw.query('close kept')
  })
})
