import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformApi } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { demo } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { nameRoutes } from './name-routes.js'

let api: PlatformApi
const { tenants, users } = demo
const everybody = Object.values(users)

beforeAll(async () => {
  api = await openPlatformApi({ routes: nameRoutes })
})
afterAll(() => api.close())

async function named(actor: DemoActorKey, path: string, ids: readonly string[]): Promise<unknown> {
  const { status, body } = await api.call(actor, 'GET', `${path}?ids=${ids.join(',')}`)
  return status === 200 ? body['items'] : status
}

/** Those of a tenant's outsiders for whom a condition holds, found by the owner of the tables. */
async function outsidersWho(tenantId: string, condition: string): Promise<readonly string[]> {
  const { rows } = await api.database.admin.query<{ id: string }>(
    `select u.id from core.users u
     where not exists (select from core.memberships m where m.tenant_id = $1 and m.user_id = u.id)
       and (${condition}) order by u.id`,
    [tenantId],
  )
  return rows.map(({ id }) => id)
}

/** Who may be named to a tenant. */
const wereInside = `
  exists (select from core.access_grants g where g.tenant_id = $1 and g.grantee_id = u.id)
  or exists (select from ops.audit_log a where a.tenant_id = $1 and a.actor_id = u.id)`

/** Staff of whom a tenant is told no more than that. */
const decided = `u.is_platform_staff and not (${wereInside}) and u.id in (
  select unnest(array[requested_by, approved_by, revoked_by])
    from core.access_grants where tenant_id = $1
  union select unnest(array[requested_by, decided_by])
    from core.access_grant_requests where tenant_id = $1
  union select unnest(array[requested_by, decided_by])
    from core.archive_requests where tenant_id = $1)`

interface Named {
  readonly userId: string
  readonly displayName: string | null
}

const idsOf = (items: unknown): readonly string[] =>
  (items as Named[]).map(({ userId }) => userId).toSorted()

const withName = (items: unknown): readonly Named[] =>
  (items as Named[]).filter(({ displayName }) => displayName !== null)

describe('the names of outsiders', () => {
  it('are told a tenant of whom it let in, with what they are', async () => {
    const items = await named('securityAdmin', '/outsiders', [users.auditor, users.platformSupport])
    expect(items).toHaveLength(2)
    expect(items).toContainEqual({
      userId: users.auditor,
      displayName: expect.any(String) as string,
      kind: 'auditor',
    })
    expect(items).toContainEqual({
      userId: users.platformSupport,
      displayName: expect.any(String) as string,
      kind: 'platform',
    })
  })

  it.each<[DemoActorKey, keyof typeof tenants]>([
    ['securityAdmin', 'security'],
    ['schoolAdmin', 'school'],
    ['eventsAdmin', 'events'],
  ])('tell %s of nobody else than those of %s', async (actor, tenant) => {
    const outsiders = await outsidersWho(tenants[tenant], wereInside)
    expect(outsiders.length).toBeLessThan(everybody.length)
    const items = await named(actor, '/outsiders', everybody)
    expect(idsOf(withName(items))).toEqual(outsiders)
  })

  it.each<[DemoActorKey, keyof typeof tenants]>([
    ['securityAdmin', 'security'],
    ['schoolAdmin', 'school'],
    ['eventsAdmin', 'events'],
  ])(
    'are kept from %s where staff only asked or decided: they are staff',
    async (actor, tenant) => {
      const staff = await outsidersWho(tenants[tenant], decided)
      const items = (await named(actor, '/outsiders', everybody)) as Named[]
      const unnamed = items.filter(({ displayName }) => displayName === null)
      expect(idsOf(unnamed)).toEqual(staff)
      expect(unnamed).toMatchObject(staff.map(() => ({ kind: 'platform' })))
      expect(staff).toContain(users.platformLead)
    },
  )

  it('are no way to learn of an id that a member typed whether it is one of the staff', async () => {
    await api.database.admin.query('update core.users set is_platform_staff = true where id = $1', [
      users.visitor,
    ])
    await api.database.admin.query(
      `insert into core.access_grant_requests
         (tenant_id, grantee_id, mode, reason, requested_by, starts_at, expires_at)
       values ($1, $2, 'auditor', 'x', $3, now(), now() + interval '1 hour')`,
      [tenants.security, users.visitor, users.securityAdmin],
    )
    expect(await named('securityAdmin', '/outsiders', [users.visitor])).toEqual([])
  })

  it('are told of who acted on the tenant, from then on and there alone', async () => {
    const [other] = [users.schoolPupil]
    expect(idsOf(await named('securityAdmin', '/outsiders', [other]))).toEqual([])
    await api.database.admin.query(
      `insert into core.access_grants
         (tenant_id, grantee_id, mode, reason, approved_by, starts_at, expires_at)
       values ($1, $2, 'auditor', 'x', $3, now() - interval '2 days', now() - interval '1 day')`,
      [tenants.security, other, users.securityAdmin],
    )
    expect(await named('securityAdmin', '/outsiders', [other])).toMatchObject([{ kind: 'auditor' }])
    expect(idsOf(await named('eventsAdmin', '/outsiders', [other]))).toEqual([])
  })

  it('are no way to the people of the platform by SQL either', async () => {
    const { tx } = api.opened
    const { parseTenantContext } = await import('watertight/runtime')
    const outside = { mode: 'member', tenantId: null, userId: users.securityAdmin } as const
    const text = 'select id from core.names_of_outsiders($1)'
    const { rows } = await tx.as(parseTenantContext(outside)).query(text, [everybody])
    expect(rows).toEqual([])
    const many = Array.from({ length: 51 }, () => users.auditor)
    const inside = { ...outside, tenantId: tenants.security, orgScope: 'all' } as const
    expect((await tx.as(parseTenantContext(inside)).query(text, [many])).rows).toEqual([])
    expect(
      (await tx.as(parseTenantContext(inside)).query(text, [[users.auditor]])).rows,
    ).toHaveLength(1)
  })
})

describe('the names of who ends tenants', () => {
  it('are told staff alone, and of nobody who is not named there', async () => {
    const { rows } = await api.database.admin.query<{ id: string }>(
      `select requested_by as id from core.erasures union select decided_by from core.erasures
       union select requested_by from core.archive_requests
       union select decided_by from core.archive_requests`,
    )
    const expected = rows.flatMap(({ id }) => id ?? []).toSorted()
    expect(expected.length).toBeGreaterThan(0)
    expect(idsOf(await named('platformWithoutGrant', '/platform/people', everybody))).toEqual(
      expected,
    )
    expect(await named('securityAdmin', '/platform/people', everybody)).toBe(403)
  })

  it('are told of who approved an erasure that somebody else stopped', async () => {
    const [approver] = [users.visitor]
    expect(await named('platformWithoutGrant', '/platform/people', [approver])).toEqual([])
    await api.database.admin.query(
      'update core.erasures set approved_by = $1, approved_at = decided_at',
      [approver],
    )
    const items = await named('platformWithoutGrant', '/platform/people', [approver])
    expect(idsOf(items)).toEqual([approver])
  })
})
