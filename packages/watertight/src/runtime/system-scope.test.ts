import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RuntimeHarness } from '../../../../test/runtime-harness.js'
import { acme, member, openRuntimeHarness, signingKey } from '../../../../test/runtime-harness.js'
import { pgDriver } from '../drivers/pg.js'
import { currentContext, withContext } from './ambient-context.js'
import type { SystemScope, SystemScopeOptions } from './system-scope.js'
import { createSystemScope } from './system-scope.js'

let harness: RuntimeHarness
const pools: pg.Pool[] = []

beforeAll(async () => {
  harness = await openRuntimeHarness()
  const { admin, rolePrefix } = harness.database
  await admin.query(`
    create role ${rolePrefix}_owner login;
    grant usage, create on schema app to ${rolePrefix}_owner;
    grant usage on schema watertight to ${rolePrefix}_owner;
    alter table app.notes owner to ${rolePrefix}_owner`)
})
beforeEach(() => harness.reset())
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()))
  await harness.close()
})

const update = "update app.notes set body = body || '!'"

function scopeOf(role: 'owner' | 'superuser', options: Partial<SystemScopeOptions> = {}) {
  const { database } = harness
  const url = role === 'owner' ? database.urlFor(`${database.rolePrefix}_owner`) : database.url
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pools.push(pool)
  return { pool, system: createSystemScope({ driver: pgDriver(pool), ...options }) }
}

async function bodies(): Promise<unknown[]> {
  const { rows } = await harness.database.admin.query<{ body: string }>(
    'select body from app.notes order by id',
  )
  return rows.map(({ body }) => body)
}

describe('a system scope', () => {
  it('refuses the owner of a table under FORCE, whose UPDATE would silently change no row', async () => {
    const { system, pool } = scopeOf('owner')
    // Without the scope PostgreSQL says that all went well.
    expect((await pool.query(update)).rowCount).toBe(0)
    const hidden = { code: 'ROWS_HIDDEN', object: 'app.notes' }
    await expect(system.query(update)).rejects.toMatchObject(hidden)
    let called = false
    const run = system.run(async (tx) => {
      called = true
      await tx.query('select 1')
    })
    await expect(run).rejects.toMatchObject(hidden)
    expect([called, await bodies()]).toEqual([true, ['a1', 'a2', 'g1']])
  })

  it('is told by the server of a table that came under FORCE meanwhile', async () => {
    const { admin } = harness.database
    await admin.query('alter table app.notes no force row level security')
    const { system } = scopeOf('owner')
    const run = system.run(async (tx) => {
      await tx.query(update)
      await tx.query('alter table app.notes force row level security')
      await tx.query(update)
    })
    await expect(run).rejects.toMatchObject({ code: 'ROWS_HIDDEN', sqlState: '42501' })
    expect(await bodies()).toEqual(['a1', 'a2', 'g1'])
    await admin.query('alter table app.notes force row level security')
  })

  it('works on the rows of one tenant under its context', async () => {
    const { system } = scopeOf('owner', { tenant: acme, signingKey })
    expect((await system.query(update)).rowCount).toBe(2)
    expect(await bodies()).toEqual(['a1!', 'a2!', 'g1'])
    expect(() => scopeOf('owner', { tenant: { ...acme } })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONTEXT' }),
    )
    expect(() => scopeOf('owner', { tenant: acme })).toThrow(
      expect.objectContaining({ code: 'INVALID_SIGNING_KEY' }),
    )
  })

  it('says that its context has expired, before anything is sent', async () => {
    const tenant = member('acme', { expiresAt: 1_000_000_000 })
    const { system } = scopeOf('owner', { tenant, signingKey })
    // The server sees through it as well, and would show no row.
    await expect(system.query(update)).rejects.toMatchObject({ code: 'CONTEXT_EXPIRED' })
    await expect(system.query('select 1')).rejects.toMatchObject({ code: 'CONTEXT_EXPIRED' })
    expect(await bodies()).toEqual(['a1', 'a2', 'g1'])
  })

  it('takes nothing of the context that it is called under', async () => {
    const { system, pool } = scopeOf('superuser')
    const seen: unknown[] = []
    pool.on('connect', (client) => {
      client.on('notice', () => {
        try {
          seen.push(currentContext())
        } catch (error) {
          seen.push(error)
        }
      })
    })
    const token = "select coalesce(current_setting('watertight.context', true), '') as token"
    const { rows } = await withContext(acme, () => system.query<{ token: string }>(token))
    expect(rows).toEqual([{ token: '' }])
    await system.query("do $$ begin raise notice 'n'; end $$")
    expect(seen).toEqual([expect.objectContaining({ code: 'CONTEXT_REQUIRED' })])
  })

  it('works on all rows as a role that RLS does not hold', async () => {
    const { system, pool } = scopeOf('superuser')
    const count = await system.run(async (tx) => {
      const [first, second] = await tx.batch([update, ['select from app.notes', []]])
      return [first?.rowCount, second?.rowCount]
    })
    expect(count).toEqual([3, 3])
    expect(pool.totalCount).toBe(1)
    const { rows } = await pool.query<{ rls: string }>('show row_security')
    expect(rows).toEqual([{ row_security: 'on' }])
  })

  it.each([
    ['UPDATE', 'update app.notes set body = body where false'],
    ['DELETE', 'delete from app.notes where false'],
    ['INSERT', "insert into app.notes (tenant_id, body) select 'x', 'x' where false"],
    [
      'INSERT that a conflict keeps from it',
      'insert into app.notes (id, tenant_id, body) overriding system value ' +
        "select id, 'x', 'x' from app.notes on conflict do nothing",
    ],
    [
      'MERGE',
      'merge into app.notes n using (select 1 where false) s on true when matched then delete',
    ],
    [
      'UPDATE with a WITH clause that writes',
      "with w as (insert into app.notes (tenant_id, body) values ('w', 'w') returning 1) " +
        'update app.notes set body = body where false',
    ],
  ])('fails, with nothing done, on an %s of no row, unless told so', async (_name, text) => {
    const { system, pool } = scopeOf('superuser')
    const none = { code: 'NO_ROWS_WRITTEN' }
    await expect(system.query(text)).rejects.toMatchObject(none)
    const run = system.run(async (tx) => {
      await tx.query(update)
      await tx.query(text)
    })
    await expect(run).rejects.toMatchObject(none)
    const swallowed = system.run(async (tx) => {
      await tx.query(update)
      await tx.batch([text, 'select 1']).catch(() => undefined)
    })
    await expect(swallowed).rejects.toMatchObject({
      code: 'TX_ABORTED',
      cause: expect.objectContaining(none),
    })
    expect(await bodies()).toEqual(['a1', 'a2', 'g1'])
    const allowed = system.query({ text, values: [], allowNoRows: true })
    await expect(allowed).resolves.toMatchObject({ rowCount: 0 })
    expect(pool.totalCount).toBe(1)
  })

  it('lets statements pass that write no rows by their nature', async () => {
    const { system } = scopeOf('superuser')
    const pass = async (scope: SystemScope): Promise<void> => {
      await scope.run(async (tx) => {
        await tx.query('select from app.notes where false')
        await tx.query('create table app.later as select 1 as one where false')
        await tx.query('drop table app.later')
        await tx.query('do $$ begin end $$')
      })
    }
    await expect(pass(system)).resolves.toBeUndefined()
  })

  it('rolls back when its function throws, and closes its handle', async () => {
    const { system } = scopeOf('superuser')
    const error = new Error('no')
    let kept: unknown
    const run = system.run(async (tx) => {
      await tx.query(update)
      kept = tx
      throw error
    })
    await expect(run).rejects.toBe(error)
    const late = (kept as { query(text: string): Promise<unknown> }).query('select 1')
    await expect(late).rejects.toMatchObject({ code: 'TX_CLOSED' })
    expect(await bodies()).toEqual(['a1', 'a2', 'g1'])
  })
})
