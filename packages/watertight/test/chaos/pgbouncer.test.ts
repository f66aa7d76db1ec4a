import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import pg from 'pg'
import type { WatertightError } from 'watertight/errors'
import { pgDriver } from 'watertight/pg'
import { createTxManager, hmacPads } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import type { CountingProxy } from '../../../../test/counting-proxy.js'
import { startCountingProxy } from '../../../../test/counting-proxy.js'
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
import type { Connections } from './connections.js'
import { driverNames, openConnections } from './connections.js'

const servers = 4
const clients = 64

const drivers = hasPgBouncer() ? driverNames : []

describe.each(drivers)('behind PgBouncer in transaction mode, on %s', (driverName) => {
  let database: KernelDatabase
  /** Between the clients and the pooler. */
  let outside: CountingProxy
  /** Between the pooler and the server. */
  let inside: CountingProxy
  let pooler: PgBouncer
  let url: string
  const pools: pg.Pool[] = []
  const opened: Connections[] = []

  beforeAll(async () => {
    database = await createKernelDatabase([{ kid: 'k1', ...hmacPads(signingKey.secret) }])
    inside = await startCountingProxy(database.url)
    const app = inside.through(database.urlFor(database.appRole))
    pooler = await startPgBouncer([app], { serverPoolSize: servers })
    outside = await startCountingProxy(pooler.through(app))
    url = outside.through(app)
  })
  beforeEach(async () => {
    await database.admin.query('truncate app.notes')
    await database.admin.query(
      "insert into app.notes (tenant_id, body) values ('acme', 'a1'), ('acme', 'a2'), ('globex', 'g1')",
    )
  })
  afterAll(async () => {
    await Promise.all([...pools, ...opened].map((pool) => pool.end()))
    await outside.close()
    await pooler.stop()
    await inside.close()
    await database.drop()
  })

  function newPool(config: pg.PoolConfig = {}): pg.Pool {
    const pool = new pg.Pool({ connectionString: url, ...config })
    pool.on('error', () => undefined)
    pools.push(pool)
    return pool
  }

  function connect({ max }: { max: number }): TxManager {
    const connections = openConnections(driverName, url, { max, withinMs: 10_000 })
    opened.push(connections)
    return createTxManager({ pools: { app: connections.driver }, signingKey })
  }

  /** What a connection that no context was put into finds on the servers of the pooler. */
  async function unscoped(pool: pg.Pool, text: string): Promise<unknown[][]> {
    const results = await Promise.all(
      Array.from({ length: 8 * servers }, () => pool.query<Record<string, unknown>>(text)),
    )
    return results.flatMap(({ rows }) => rows.map((row) => Object.values(row)))
  }

  it(`serves ${clients} clients on ${servers} connections their own rows, and no others`, async () => {
    const tenants = Array.from({ length: 200 }, (_, index) => `tenant ${index}`)
    await database.admin.query(
      'insert into app.notes (tenant_id, body) select t, t from unnest($1::text[]) t',
      [tenants],
    )
    const tx = connect({ max: clients })
    const plain = newPool({ max: 8 })
    const seen = { right: 0, wrong: 0, unscoped: 0 }
    let next = 0
    const caller = async (): Promise<void> => {
      while (next < 2000) {
        next += 1
        const tenant = tenants[(next * 7919) % tenants.length] ?? ''
        const bodies = await bodiesOf(tx, member(tenant))
        if (bodies.length === 1 && bodies[0] === tenant) seen.right += 1
        else seen.wrong += 1
        if (next % 8 === 0) seen.unscoped += (await plain.query(notes.list)).rows.length
      }
    }
    await Promise.all(Array.from({ length: clients }, caller))
    expect(seen).toEqual({ right: next, wrong: 0, unscoped: 0 })
    // A name would be known to the server that parsed it, and to none of the others.
    const named = await unscoped(plain, 'select statement from pg_prepared_statements')
    expect(named).toEqual([])
    const { rows } = await database.admin.query<{ sessions: number }>(
      'select count(*)::int as sessions from pg_stat_activity where usename = $1',
      [database.appRole],
    )
    expect(rows[0]?.sessions).toBeLessThanOrEqual(servers)
  })

  it('leaves nothing on the server connections', async () => {
    const tx = connect({ max: clients })
    await Promise.all(
      Array.from({ length: clients }, async (_, index) => {
        if (index % 2 === 0) return bodiesOf(tx, acme)
        return tx.run(globex, async (handle) => {
          await handle.query(notes.insert, [`note ${index}`])
          await handle.query('select pg_advisory_xact_lock($1)', [index])
          await handle.query("select set_config('statement_timeout', '7s', true)")
          if (index % 3 === 0) throw new Error('rolled back')
        })
      }).map((work) => work.catch(() => undefined)),
    )
    const state = `select coalesce(current_setting('watertight.context', true), ''),
      current_setting('statement_timeout') as timeout,
      (select count(*)::int from pg_prepared_statements where name <> '') as prepared,
      (select count(*)::int from pg_cursors where name <> '') as cursors,
      (select count(*)::int from pg_locks
        where pid = pg_backend_pid() and locktype = 'advisory') as locks,
      (select count(*)::int from app.notes) as notes`
    const found = await unscoped(newPool({ max: clients }), state)
    expect(new Set(found.map((row) => JSON.stringify(row)))).toEqual(
      new Set([JSON.stringify(['', '0', 0, 0, 0, 0])]),
    )
  })

  it('costs the round trips that it costs without a pooler', async () => {
    const tx = connect({ max: 1 })
    await tx.start()
    outside.reset()
    await tx.query(acme, notes.list)
    expect(outside.roundTrips).toBe(1)
    outside.reset()
    await tx.run(acme, async (handle) => {
      for (const body of ['a3', 'a4', 'a5']) await handle.query(notes.insert, [body])
    })
    expect(outside.roundTrips).toBe(4)
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5'])
  })

  it('keeps savepoints and errors within their transaction', async () => {
    const tx = connect({ max: 8 })
    const work = Array.from({ length: 32 }, (_, index) =>
      tx.run(member(`t${index}`), async (handle) => {
        await handle.query(notes.insert, ['kept'])
        const inner = tx.run(member(`t${index}`), async (nested) => {
          await nested.query(notes.insert, ['undone'])
          await nested.query("insert into app.notes (tenant_id, body) values ('acme', 'stolen')")
        })
        await expect(inner).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
        return bodiesOf(tx, member(`t${index}`))
      }),
    )
    expect(await Promise.all(work)).toEqual(work.map(() => ['kept']))
  })

  it('never shows the rows of another tenant where pg prepares statements by name', async () => {
    const driver = pgDriver(newPool({ max: clients }), { prepare: true })
    const tx = createTxManager({ pools: { app: driver }, signingKey })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 * clients }, async (_, index) => {
        const context = index % 2 === 0 ? acme : globex
        const text = 'select tenant_id from app.notes where body <> $1'
        const { rows } = await tx.query<{ tenant_id: string }>(context, text, ['x'])
        return rows.every((row) => row.tenant_id === context.tenantId)
      }),
    )
    // A pooler before 1.21 does not know names: their statements fail, and fail typed.
    const kinds = outcomes.map((outcome) =>
      outcome.status === 'fulfilled'
        ? outcome.value
        : (outcome.reason as Partial<WatertightError>).code,
    )
    expect(kinds).toContain(true)
    expect(kinds.filter((kind) => kind !== true && kind !== 'STATEMENT_FAILED')).toEqual([])
  })

  it.each([
    ['before the server got it', 'before', ['a1', 'a2']],
    ['after it was committed', 'after', ['a1', 'a2', 'a3']],
  ] as const)(
    'leaves an insert unknown when its server is lost %s',
    async (_name, moment, expected) => {
      const tx = connect({ max: 1 })
      await tx.query(acme, notes.list)
      inside.breakAt(({ type, bytes }) => type === 'P' && bytes.includes('insert'), moment)
      await expect(tx.query(acme, notes.insert, ['a3'])).rejects.toMatchObject({
        code: 'OUTCOME_UNKNOWN',
      })
      expect(await bodiesOf(tx, acme)).toEqual(expected)
    },
  )

  it.each([
    ['before', ['a1', 'a2']],
    ['after', ['a1', 'a2', 'a3']],
  ] as const)(
    'leaves a transaction unknown when its server is lost %s COMMIT',
    async (moment, expected) => {
      const tx = connect({ max: 1 })
      const run = tx.run(acme, async (handle) => {
        await handle.query(notes.insert, ['a3'])
        inside.breakAt(({ bytes }) => bytes.includes('commit'), moment)
      })
      await expect(run).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
      expect(await bodiesOf(tx, acme)).toEqual(expected)
    },
  )

  it('recovers when the pooler is killed and started again', async () => {
    const tx = connect({ max: 4 })
    const run = tx.run(acme, async (handle) => {
      await handle.query(notes.insert, ['lost'])
      await pooler.kill()
      await handle.query(notes.list)
    })
    await expect(run).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    await expect(tx.query(acme, notes.list)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    await pooler.restart()
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
    pooler.reload()
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
  })
})
