import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
import { currentContext, withContext } from './ambient-context.js'
import { parseTenantContext } from './parse-tenant-context.js'
import { signContext } from './sign-context.js'
import { generateSigningKey } from './signing-key.js'
import type { TenantContext } from './tenant-context.js'
import type { Denial } from './tx-observer.js'

const otherKey = generateSigningKey('unknown')

let harness: RuntimeHarness
beforeAll(async () => {
  harness = await openRuntimeHarness()
})
beforeEach(() => harness.reset())
afterAll(() => harness.close())

describe('no statement runs', () => {
  const notOurs = { ...acme }
  it.each([
    ['without a context', undefined, 'CONTEXT_REQUIRED'],
    ['with a null context', null, 'CONTEXT_REQUIRED'],
    ['with a context that was not parsed', notOurs, 'INVALID_CONTEXT'],
    ['with an expired context', member('acme', { expiresAt: 1_000_000_000 }), 'CONTEXT_EXPIRED'],
    ['in a mode without pool', parseTenantContext({ mode: 'public' }), 'ROLE_NOT_CONFIGURED'],
  ])('%s', async (_name, context, code) => {
    const { tx } = harness.connect()
    await tx.query(acme, notes.list)
    let called = false
    const trips = await harness.tripsOf(async () => {
      await expect(tx.query(context as TenantContext, notes.list)).rejects.toMatchObject({ code })
      await expect(tx.run(context as TenantContext, () => (called = true))).rejects.toMatchObject({
        code,
      })
      expect(() => {
        if (code.startsWith('CONTEXT_R')) withContext(context as TenantContext, () => undefined)
        else throw Object.assign(new Error(), { code })
      }).toThrow(expect.objectContaining({ code }))
    })
    expect([trips, called]).toEqual([0, false])
  })

  it('with a context that expires while waiting for a connection', async () => {
    let seconds = 1_000
    const { tx, pool } = harness.connect({ now: () => seconds * 1000 }, { max: 1 })
    const context = member('acme', { expiresAt: 2_000 })
    await tx.start()
    const client = await pool.connect()
    const query = tx.query(context, notes.list)
    const run = tx.run(context, (tx) => tx.query(notes.list))
    seconds = 2_000
    client.release()
    await expect(query).rejects.toMatchObject({ code: 'CONTEXT_EXPIRED' })
    await expect(run).rejects.toMatchObject({ code: 'CONTEXT_EXPIRED' })
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1])
  })
})

describe('isolation', () => {
  it('shows a tenant its own rows and refuses writes into another', async () => {
    const denials: Denial[] = []
    const { tx } = harness.connect({ onDenied: (denial) => denials.push(denial) })
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
    expect(await bodiesOf(tx, globex)).toEqual(['g1'])
    await expect(
      tx.query(acme, "insert into app.notes (tenant_id, body) values ('globex', 'x')"),
    ).rejects.toMatchObject({ code: 'ACCESS_DENIED', sqlState: '42501', object: 'notes' })
    await expect(
      tx.run(acme, (tx) => tx.query("update app.notes set tenant_id = 'globex'")),
    ).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(denials.map(({ context, error }) => [context, error.code])).toEqual([
      [acme, 'ACCESS_DENIED'],
      [acme, 'ACCESS_DENIED'],
    ])
    expect(await bodiesOf(tx, globex)).toEqual(['g1'])
    await harness.database.admin.query('alter table app.notes disable row level security')
    try {
      expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2', 'g1'])
    } finally {
      await harness.database.admin.query('alter table app.notes enable row level security')
    }
  })

  it('leaves no context to the next user of a pooled connection', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
    const naked = async (): Promise<unknown[]> => (await pool.query(notes.list)).rows
    await tx.query(acme, notes.list)
    expect(await naked()).toEqual([])
    await tx.run(acme, (tx) => tx.query(notes.insert, ['x']))
    expect(await naked()).toEqual([])
    await tx.query(acme, 'select 1 / 0').catch(() => undefined)
    expect(await naked()).toEqual([])
    await tx.run(acme, (tx) => tx.query('select 1 / 0')).catch(() => undefined)
    expect(await naked()).toEqual([])
    expect(pool.totalCount).toBe(1)
    await expect(pool.query(notes.insert, ['x'])).rejects.toMatchObject({ code: '42501' })
    // The attack this is about works when the setting is made for the session.
    await pool.query("select set_config('watertight.context', $1, false)", [
      signContext(acme, signingKey),
    ])
    expect(await naked()).toHaveLength(3)
    // And our own transactions override even that.
    expect(await bodiesOf(tx, globex)).toEqual(['g1'])
  })

  it('accepts no context signed by a key the database does not know', async () => {
    const { tx } = harness.connect({ signingKey: otherKey })
    expect(await bodiesOf(tx, acme)).toEqual([])
    await expect(tx.query(acme, notes.insert, ['x'])).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      sqlState: '42501',
    })
  })

  it('follows the signing key as it rotates', async () => {
    const keys = [signingKey, otherKey, signingKey]
    const { tx } = harness.connect({ signingKey: () => keys.shift() ?? otherKey })
    expect(await bodiesOf(tx, acme)).toHaveLength(2)
    expect(await bodiesOf(tx, acme)).toHaveLength(0)
    expect(await bodiesOf(tx, acme)).toHaveLength(2)
  })

  it('holds for 200 calls of 20 tenants over 4 connections', async () => {
    const { tx, pool } = harness.connect({}, { max: 4 })
    const tenants = Array.from({ length: 20 }, (_, index) => member(`tenant-${index}`))
    for (const tenant of tenants) await tx.query(tenant, notes.insert, [tenant.tenantId])
    const calls = Array.from({ length: 200 }, async (_, index) => {
      const tenant = tenants[index % 20] ?? acme
      if (index % 7 === 0) await tx.query(tenant, 'select 1 / 0').catch(() => undefined)
      if (index % 3 !== 0) return [tenant.tenantId, (await tx.query(tenant, notes.list)).rows]
      return tx.run(tenant, async (tx) => {
        await tx.query('select pg_sleep(0.001)')
        return [tenant.tenantId, (await tx.query(notes.list)).rows]
      })
    })
    for (const [tenant, rows] of await Promise.all(calls)) {
      expect(rows).toEqual([{ tenant_id: tenant, body: tenant }])
    }
    expect(pool.totalCount).toBeLessThanOrEqual(4)
    expect(pool.idleCount).toBe(pool.totalCount)
  })

  it('reads any tenant id as it was signed, unicode and quotes included', async () => {
    const { tx } = harness.connect({}, { max: 1 })
    const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => {
      return text.trim() === text && !text.includes('\0')
    })
    await fc.assert(
      fc.asyncProperty(id, async (tenantId) => {
        const { rows } = await tx.query(member(tenantId), 'select watertight.tenant_id() as id')
        expect(rows).toEqual([{ id: tenantId }])
      }),
      { numRuns: 200 },
    )
  })

  it('gives code on a connection no ambient context of the request that opened it', async () => {
    const { tx, pool } = harness.connect({}, { max: 1 })
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
    await withContext(acme, () => tx.query(currentContext(), notes.list))
    await tx.query(globex, "do $$ begin raise notice 'n'; end $$")
    expect(seen).toEqual([expect.objectContaining({ code: 'CONTEXT_REQUIRED' })])
  })
})

describe('the boot check', () => {
  it('stands before the first statement, and again until it passes', async () => {
    await harness.database.admin.query(`alter role ${harness.database.appRole} bypassrls`)
    const { tx } = harness.connect({}, { max: 1 })
    let called = false
    try {
      await expect(tx.query(acme, notes.insert, ['x'])).rejects.toMatchObject({
        code: 'UNSAFE_ROLE',
      })
      await expect(tx.start()).rejects.toMatchObject({ code: 'UNSAFE_ROLE' })
      const run = tx.run(acme, (tx) => {
        called = true
        return tx.query(notes.insert, ['x'])
      })
      await expect(run).rejects.toMatchObject({ code: 'UNSAFE_ROLE' })
    } finally {
      await harness.database.admin.query(`alter role ${harness.database.appRole} nobypassrls`)
    }
    expect(called).toBe(true)
    expect(await bodiesOf(tx, acme)).toEqual(['a1', 'a2'])
    const trips = await harness.tripsOf(() => tx.query(acme, notes.list))
    expect(trips).toBe(1)
  })
})
