import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pgDriver } from 'watertight/pg'
import { createTxManager, parseTenantContext } from 'watertight/runtime'
import type { TenantContext, TenantContextInput } from 'watertight/runtime'
import type { PlatformDatabase } from '../test/platform-database.js'
import { createPlatformDatabase } from '../test/platform-database.js'
import { roleUrls } from '../test/role-urls.js'
import { openTxManager } from './boot/open-tx-manager.js'
import type { OpenTxManager } from './boot/open-tx-manager.js'
import { demo, demoActors, demoId } from './demo-data/index.js'
import type { DemoActorKey } from './demo-data/index.js'
import { attemptCrossing } from './tour/cross-tenant-attempts.js'
import { viewsOf } from './tour/actor-view.js'

let database: PlatformDatabase
let opened: OpenTxManager

beforeAll(async () => {
  database = await createPlatformDatabase()
  opened = await openTxManager(roleUrls(database), database.signingKey, 2)
})

afterAll(async () => {
  await opened.close()
  await database.drop()
})

function contextOf(actor: DemoActorKey, change: Partial<TenantContextInput> = {}): TenantContext {
  return parseTenantContext({ ...demoActors[actor].claims, ...change })
}

async function idsSeen(actor: DemoActorKey, text: string): Promise<string[]> {
  const { rows } = await opened.tx.query<{ id: string }>(contextOf(actor), text)
  return rows.map(({ id }) => id)
}

describe('a member', () => {
  test.each<[DemoActorKey, number]>([
    ['securityAdmin', 1],
    ['schoolAdmin', 2],
    ['eventsAdmin', 3],
  ])('%s reads the rows of the own tenant and no other', async (actor, tenant) => {
    const own = [1, 2, 3, 4].map((row) => demoId('sec.assets', tenant, row))
    expect(await idsSeen(actor, 'select id from sec.assets order by id')).toEqual(own)
  })

  test.each([
    ['an asset', 'select * from sec.assets where id = $1', demoId('sec.assets', 2, 1)],
    ['the tenant', 'select * from core.tenants where id = $1', demo.tenants.school],
    ['a user', 'select * from core.users where id = $1', demo.users.schoolPupil],
    [
      'an attempt of a delivery, which has no tenant column',
      'select * from sec.delivery_attempts where delivery_id = $1',
      demoId('sec.deliveries', 2, 1),
    ],
    [
      'an audit entry in a partition',
      'select * from ops.audit_log where id = $1',
      demoId('ops.audit_log', 2, 1),
    ],
  ])('finds nothing under the id of %s of another tenant', async (_what, text, id) => {
    const foreign = await opened.tx.query(contextOf('securityAdmin'), text, [id])
    expect(foreign.rows).toEqual([])
    const own = await opened.tx.query(contextOf('schoolAdmin'), text, [id])
    expect(own.rows.length).toBeGreaterThan(0)
  })

  test.each([
    [
      'an insert for another tenant',
      `insert into sec.exports (tenant_id, kind, requested_by, expires_at)
       values ($1, 'audit_csv', $2, now() + interval '1 day')`,
      [demo.tenants.school, demo.users.securityAdmin],
    ],
    [
      'an own row handed to another tenant',
      'update sec.exports set tenant_id = $1',
      [demo.tenants.school],
    ],
    ['a change of the own access', 'update core.access_grants set can_write = $1', [true]],
    ['a change of the audit log', 'delete from ops.audit_log where chain_position > $1', [0]],
    [
      'a partition, past its root',
      'select * from ops.audit_log_2026_09 where id <> $1',
      [demo.tenants.school],
    ],
    ['TRUNCATE', 'truncate sec.exports', []],
    ['the signing keys', 'select * from watertight.signing_keys', []],
    ['another role', "select set_config('role', $1, false)", ['postgres']],
  ])('is refused %s', async (_what, text, values) => {
    const write = opened.tx.query(contextOf('securityAdmin'), text, values)
    await expect(write).rejects.toMatchObject({ code: 'ACCESS_DENIED', sqlState: '42501' })
  })

  test('changes no row of another tenant by name, and its own by the same statement', async () => {
    const text = "update sec.assets set label = 'found' where id = $1"
    const id = demoId('sec.assets', 2, 1)
    const foreign = await opened.tx.query(contextOf('securityAdmin'), text, [id])
    expect(foreign.rowCount).toBe(0)
    await expect(
      opened.tx.run(contextOf('schoolAdmin'), async (tx) => {
        const { rowCount } = await tx.query(text, [id])
        throw new Error(`${String(rowCount)} row, undone`)
      }),
    ).rejects.toThrow('1 row, undone')
  })

  test('need not name the tenant in an insert, and cannot refer to rows of another', async () => {
    const insert = `insert into sec.tickets (org_unit_id, alert_id, title, opened_by)
      values ($1, $2, 'Look into it', $3) returning tenant_id`
    const run = (alert: string): Promise<unknown> =>
      opened.tx.run(contextOf('securityAdmin'), async (tx) => {
        await tx.query('delete from sec.tickets')
        const unit = demo.orgUnits.security.root
        const { rows } = await tx.query(insert, [unit, alert, demo.users.securityAdmin])
        throw new Error(JSON.stringify(rows))
      })
    await expect(run(demoId('sec.alerts', 1, 1))).rejects.toThrow(demo.tenants.security)
    await expect(run(demoId('sec.alerts', 2, 1))).rejects.toMatchObject({ sqlState: '23503' })
  })
})

describe('a context', () => {
  test('that is missing is refused before any SQL', async () => {
    const missing = undefined as unknown as TenantContext
    await expect(opened.tx.query(missing, 'select 1')).rejects.toMatchObject({
      code: 'CONTEXT_REQUIRED',
    })
    await expect(opened.tx.run(missing, () => 1)).rejects.toMatchObject({
      code: 'CONTEXT_REQUIRED',
    })
  })

  test('that has expired is refused before any SQL', async () => {
    const late = contextOf('securityAdmin', { expiresAt: new Date(Date.now() - 1000) })
    await expect(opened.tx.query(late, 'select 1')).rejects.toMatchObject({
      code: 'CONTEXT_EXPIRED',
    })
  })

  test('leaves nothing behind: the same connection without one sees no rows and writes none', async () => {
    const pool = new pg.Pool({ connectionString: roleUrls(database).app, max: 1 })
    try {
      const tx = createTxManager({
        pools: { app: pgDriver(pool) },
        signingKey: database.signingKey,
      })
      const { rows } = await tx.query<{ n: number }>(
        contextOf('schoolAdmin'),
        'select count(*)::int as n from eval.evaluations',
      )
      expect(rows).toEqual([{ n: 4 }])
      const bare = await pool.query('select * from eval.evaluations')
      expect(bare.rows).toEqual([])
      const insert = pool.query(
        `insert into sec.exports (tenant_id, kind, requested_by, expires_at)
         values ($1, 'audit_csv', $2, now())`,
        [demo.tenants.school, demo.users.schoolAdmin],
      )
      await expect(insert).rejects.toMatchObject({ code: '42501' })
    } finally {
      await pool.end()
    }
  })

  test('ends for an auditor when the grant is revoked, in the middle of its lifetime', async () => {
    const count = 'select count(*)::int as n from sec.evidence'
    const context = contextOf('auditorLive')
    const seen = async (): Promise<unknown> => (await opened.tx.query(context, count)).rows
    expect(await seen()).toEqual([{ n: 3 }])
    const revoke = 'update core.access_grants set revoked_at = $1 where id = $2'
    await database.admin.query(revoke, [new Date(), demo.accessGrants.auditorLive])
    expect(await seen()).toEqual([{ n: 0 }])
    await database.admin.query(revoke, [null, demo.accessGrants.auditorLive])
  })
})

describe('a pool', () => {
  test.each([
    ['the superuser', (): string => database.url],
    ['the migrator', (): string => database.urlFor(database.model.roles.migrator ?? '')],
  ])('that logs in as %s is refused by the boot check', async (_who, url) => {
    const opening = openTxManager({ ...roleUrls(database), app: url() }, database.signingKey)
    await expect(opening).rejects.toMatchObject({ code: 'UNSAFE_ROLE' })
  })

  test('of two connections keeps three tenants apart under load', async () => {
    const actors: readonly DemoActorKey[] = ['securityAdmin', 'schoolAdmin', 'eventsAdmin']
    const expected = { securityAdmin: 1, schoolAdmin: 2, eventsAdmin: 3 }
    const read = async (index: number): Promise<void> => {
      const actor = actors[index % 3] as keyof typeof expected
      const own = demo.tenants[actor.replace('Admin', '') as keyof typeof demo.tenants]
      const text = 'select distinct tenant_id from evt.registrations'
      const one = await opened.tx.query(contextOf(actor), text)
      expect(one.rows).toEqual([{ tenant_id: own }])
      const many = await opened.tx
        .run(contextOf(actor), async (tx) => {
          await tx.query('select pg_sleep(0.001)')
          if (index % 5 === 0) await tx.query('select 1/0').catch(() => undefined)
          const { rows } = await tx.query<{ id: string }>('select id from sec.assets limit 1')
          return rows[0]?.id.slice(0, 8)
        })
        .catch((error: unknown) => Reflect.get(Object(error), 'code') as string)
      expect(many).toBe(index % 5 === 0 ? 'STATEMENT_FAILED' : `0000000${String(expected[actor])}`)
    }
    await Promise.all(Array.from({ length: 150 }, (_, index) => read(index)))
  })
})

describe('the tour of npm start', () => {
  test('shows every actor other numbers, and nothing to those without a grant', async () => {
    const views = await viewsOf(opened.tx, Object.values(demoActors))
    const [ada, , sofia] = views
    expect(ada?.counts).toEqual([1, 4, 4, 4, 3, 6, 4])
    expect(sofia?.counts.slice(2, 5)).toEqual([1, 1, 1])
    const revoked = views.find(({ actor }) => actor === demoActors.auditorRevoked)
    expect(revoked?.counts).toEqual([0, null, 0, 0, 0, 0, 4])
    const anyone = views.at(-1)
    expect(anyone?.counts).toEqual([2, null, null, null, 3, null, null])
  })

  test('sees every attempt to cross a tenant fail', async () => {
    const outcomes = (await attemptCrossing(opened.tx)).map(({ outcome }) => outcome)
    const refused = 'refused, ACCESS_DENIED (SQLSTATE 42501)'
    expect(outcomes).toEqual(['0 rows', '0 rows', refused, refused, refused])
  })
})
