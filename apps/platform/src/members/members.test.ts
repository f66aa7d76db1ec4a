import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openIdentityServer } from '../../test/identity/identity-server.js'
import type { IdentityReply, IdentityServer } from '../../test/identity/identity-server.js'
import { demo, demoId } from '../demo-data/index.js'
import { identityRoutes } from '../identity/routes.js'
import { memberPackRoutes } from './routes.js'

type Method = Parameters<IdentityServer['call']>[1]

let server: IdentityServer
const signedIn = new Map<string, string>()
const sessions = new Map<string, string>()

const { tenants, users, orgUnits } = demo
const homes: Readonly<Record<string, object>> = {
  ada: { tenantId: tenants.security },
  milan: { tenantId: tenants.security },
  sofia: { tenantId: tenants.security },
  greta: { tenantId: tenants.school },
  jonas: { tenantId: tenants.school },
  noah: { tenantId: tenants.school },
  omar: { tenantId: tenants.events },
}

beforeAll(async () => {
  server = await openIdentityServer([...identityRoutes, ...memberPackRoutes])
  for (const [subject, target] of Object.entries(homes)) {
    const token = await server.tokenOf(subject)
    signedIn.set(subject, token)
    sessions.set(subject, await server.switchTo(token, target))
  }
}, 120_000)
afterAll(() => server.close())

// Each test begins with the people of the demo as they are.
const kept = ['core.memberships', 'core.org_memberships', 'core.org_units'] as const
beforeEach(async () => {
  for (const table of kept) await server.database.admin.query(copies[table])
})
afterEach(async () => {
  const { admin } = server.database
  await admin.query('begin')
  await admin.query('delete from core.org_memberships')
  await admin.query(`delete from core.memberships where id not in (select id from kept_m)`)
  await admin.query(`update core.memberships m set role = k.role, status = k.status,
    revoked_at = k.revoked_at, job_title = k.job_title from kept_m k where k.id = m.id`)
  await admin.query('delete from core.invitations where id not in (select id from kept_i)')
  await admin.query(
    'update core.invitations i set accepted_at = k.accepted_at, revoked_at = k.revoked_at from kept_i k where k.id = i.id',
  )
  await admin.query(`update core.org_units o set parent_id = k.parent_id, name = k.name, slug = k.slug,
    archived_at = k.archived_at from kept_o k where k.id = o.id`)
  await admin.query('delete from core.org_units where id not in (select id from kept_o)')
  await admin.query('insert into core.org_memberships select * from kept_p')
  await admin.query('drop table kept_m, kept_p, kept_o, kept_i')
  await admin.query('commit')
})
const copies: Readonly<Record<(typeof kept)[number], string>> = {
  'core.memberships':
    'create temp table kept_m as table core.memberships; create temp table kept_i as table core.invitations',
  'core.org_memberships': 'create temp table kept_p as table core.org_memberships',
  'core.org_units': 'create temp table kept_o as table core.org_units',
}

function as(subject: string, method: Method, path: string, body?: object): Promise<IdentityReply> {
  return server.call(sessions.get(subject) ?? '', method, path, body)
}

async function audited(action: string): Promise<number> {
  const { rows } = await server.database.admin.query<{ count: number }>(
    'select count(*)::int as count from ops.audit_log where action = $1',
    [action],
  )
  return rows[0]?.count ?? 0
}

describe('the members of a tenant', () => {
  it('are all shown to its admin, and to others those who work where they work', async () => {
    const all = await as('ada', 'GET', '/members')
    expect(all.items.map((item) => item['displayName']).toSorted()).toEqual([
      'Ada Berger',
      'Milan Novak',
      'Sofia Rossi',
      'Viktor Sokolov',
    ])
    const north = await as('milan', 'GET', '/members')
    expect(north.items.map((item) => item['displayName'])).toEqual(['Milan Novak'])
    expect((await as('milan', 'GET', `/members/${users.securityAnalyst}`)).status).toBe(404)
    expect((await as('ada', 'GET', `/members/${users.schoolPupil}`)).status).toBe(404)
    const found = await as('ada', 'GET', '/members?search=SOFIA&status=active&role=member')
    expect(found.items).toMatchObject([
      {
        userId: users.securityAnalyst,
        places: [{ orgUnitId: orgUnits.security.southSite, scope: 'unit' }],
      },
    ])
    const there = await as('ada', 'GET', `/members?orgUnitId=${orgUnits.security.northSite}`)
    expect(there.items).toMatchObject([{ userId: users.securityManager }])
  })

  it('are paged through without losing one', async () => {
    const seen: unknown[] = []
    let next = ''
    do {
      const { items, body } = await as('greta', 'GET', `/members?limit=1${next}`)
      seen.push(...items.map((item) => item['userId']))
      next = typeof body['next'] === 'string' ? `&after=${body['next']}` : ''
    } while (next !== '')
    expect(new Set(seen).size).toBe(4)
    expect(seen).toHaveLength(4)
  })

  it('are suspended, revoked and reinstated, each once and with a trace', async () => {
    const path = `/members/${users.securityAnalyst}`
    const before = await audited('member.suspend')
    expect((await as('ada', 'POST', `${path}/suspend`)).body).toMatchObject({ status: 'suspended' })
    expect(await audited('member.suspend')).toBe(before + 1)
    expect((await as('sofia', 'GET', '/members')).status).toBe(404)
    expect((await as('ada', 'POST', `${path}/suspend`)).status).toBe(409)
    expect((await as('ada', 'POST', `${path}/revoke`)).body).toMatchObject({ status: 'revoked' })
    expect((await as('ada', 'POST', `${path}/reinstate`)).body).toMatchObject({ status: 'active' })
    expect((await as('sofia', 'GET', '/members')).status).toBe(200)
  })

  it('are changed by nobody from beside, below or elsewhere', async () => {
    const tries: readonly [string, Method, string, object | undefined, number][] = [
      ['sofia', 'POST', `/members/${users.securityAdmin}/revoke`, undefined, 403],
      ['milan', 'POST', `/members/${users.securityAnalyst}/revoke`, undefined, 404],
      ['milan', 'POST', `/members/${users.securityAdmin}/revoke`, undefined, 404],
      ['milan', 'PATCH', `/members/${users.securityManager}`, { role: 'tenant_admin' }, 409],
      ['milan', 'PATCH', `/members/${users.securityManager}`, { jobTitle: 'Chief' }, 409],
      ['jonas', 'PATCH', `/members/${users.schoolPupil}`, { role: 'tenant_admin' }, 409],
      ['jonas', 'PATCH', `/members/${users.schoolAdmin}`, { role: 'member' }, 404],
      ['ada', 'POST', `/members/${users.schoolPupil}/revoke`, undefined, 404],
      ['ada', 'PATCH', `/members/${users.securityAnalyst}`, { role: 'owner' }, 400],
      ['ada', 'PATCH', `/members/${users.securityAnalyst}`, { status: 'active' }, 400],
    ]
    for (const [who, method, path, body, status] of tries) {
      expect([who, path, (await as(who, method, path, body)).status]).toEqual([who, path, status])
    }
  })

  it('who work in two places are left to who sees both', async () => {
    const place = `/members/${users.schoolPupil}/org-units/${orgUnits.school.languages}`
    expect((await as('greta', 'PUT', place, { scope: 'unit' })).status).toBe(200)
    expect((await as('jonas', 'GET', `/members/${users.schoolPupil}`)).status).toBe(200)
    expect((await as('jonas', 'POST', `/members/${users.schoolPupil}/suspend`)).status).toBe(409)
    expect((await as('jonas', 'DELETE', place)).status).toBe(409)
    expect((await as('greta', 'DELETE', place)).status).toBe(204)
    expect((await as('greta', 'DELETE', place)).status).toBe(404)
    const promoted = await as('jonas', 'PATCH', `/members/${users.schoolPupil}`, {
      role: 'org_manager',
    })
    expect(promoted).toMatchObject({ status: 200, body: { role: 'org_manager' } })
  })

  it('are put into live units of the caller alone', async () => {
    const at = (unit: string): string => `/members/${users.schoolPupil}/org-units/${unit}`
    const scope = { scope: 'subtree' }
    expect((await as('jonas', 'PUT', at(orgUnits.school.physics), scope)).status).toBe(200)
    expect((await as('jonas', 'PUT', at(orgUnits.school.languages), scope)).status).toBe(404)
    expect((await as('jonas', 'PUT', at(orgUnits.security.root), scope)).status).toBe(404)
    expect((await as('greta', 'PUT', at(orgUnits.school.latin), scope)).status).toBe(409)
    expect((await as('greta', 'PUT', at(orgUnits.school.physics), { scope: 'all' })).status).toBe(
      400,
    )
  })
})

describe('the last admin of a tenant', () => {
  it('stays', async () => {
    const path = `/members/${users.securityAdmin}`
    for (const [method, end, body] of [
      ['POST', '/revoke', undefined],
      ['POST', '/suspend', undefined],
      ['PATCH', '', { role: 'member' }],
    ] as const) {
      expect(await as('ada', method, path + end, body)).toMatchObject({
        status: 409,
        body: { detail: 'the tenant would be left without an administrator' },
      })
    }
    expect((await as('ada', 'PATCH', path, { jobTitle: 'Head' })).status).toBe(200)
  })

  it('stays when two admins remove each other at the same time, every time', async () => {
    const promote = `/members/${users.securityManager}`
    for (let round = 0; round < 5; round += 1) {
      expect((await as('ada', 'PATCH', promote, { role: 'tenant_admin' })).status).toBe(200)
      const replies = await Promise.all([
        as('ada', 'PATCH', promote, { role: 'member' }),
        as('milan', 'PATCH', `/members/${users.securityAdmin}`, { role: 'member' }),
      ])
      const statuses = replies.map(({ status }) => status).toSorted()
      expect(statuses[0]).toBe(200)
      // Who lost the race finds the last admin, or is no admin any more.
      expect([403, 404, 409]).toContain(statuses[1])
      const { rows } = await server.database.admin.query<{ id: string }>(
        `select user_id as id from core.memberships
         where tenant_id = $1 and role = 'tenant_admin' and status = 'active'`,
        [tenants.security],
      )
      expect(rows).toHaveLength(1)
      await server.database.admin.query(
        `update core.memberships set role = case user_id when $1 then 'tenant_admin' else 'org_manager' end::core.membership_role
         where user_id in ($1, $2)`,
        [users.securityAdmin, users.securityManager],
      )
    }
  })
})

describe('an invitation', () => {
  async function invite(who: string, body: object): Promise<{ id: string; token: string }> {
    const { status, body: made } = await as(who, 'POST', '/invitations', body)
    expect([status, made['code']]).toEqual([201, undefined])
    return made as { id: string; token: string }
  }

  it('lets somebody in who had no account, once, with the place and role it names', async () => {
    const newcomer = await server.tokenOf('newcomer-security')
    expect((await server.call(newcomer, 'GET', '/session')).status).toBe(403)
    await server.database.admin.query(`update core.invitations set revoked_at = now()
      where email = 'newcomer-1@security.example' and accepted_at is null`)
    const { token } = await invite('milan', {
      email: 'Newcomer-1@Security.example',
      role: 'org_manager',
      orgUnitId: orgUnits.security.controlRoom,
    })
    const { rows } = await server.database.admin.query<{ hash: Buffer }>(
      'select token_hash as hash from core.invitations where email = $1 and revoked_at is null',
      ['newcomer-1@security.example'],
    )
    expect(rows[0]?.hash).toHaveLength(32)
    const before = await audited('invitation.accept')
    const accepted = await server.call(newcomer, 'POST', '/invitations/accept', { token })
    expect(accepted).toMatchObject({
      status: 201,
      body: { tenantId: tenants.security, role: 'org_manager' },
    })
    expect(await audited('invitation.accept')).toBe(before + 1)
    expect((await server.call(newcomer, 'POST', '/invitations/accept', { token })).status).toBe(404)
    const session = await server.switchTo(newcomer, { tenantId: tenants.security })
    expect((await server.call(session, 'GET', '/session')).body).toMatchObject({
      user: { id: accepted.body['id'], email: 'newcomer-1@security.example' },
      role: 'org_manager',
      orgScope: 'subtree',
      orgUnitId: orgUnits.security.controlRoom,
    })
  })

  it('is accepted once by two requests at the same time', async () => {
    const { token } = await invite('omar', { email: 'ada@watertight.example' })
    const accept = (): Promise<IdentityReply> =>
      server.call(signedIn.get('ada') ?? '', 'POST', '/invitations/accept', { token })
    const statuses = (await Promise.all([accept(), accept(), accept()])).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([201, 404, 404])
  })

  it('opens nothing for somebody else who holds its token', async () => {
    const { token } = await invite('omar', { email: 'ada@watertight.example' })
    for (const subject of ['sofia', 'newcomer-school']) {
      const bearer = signedIn.get(subject) ?? (await server.tokenOf(subject))
      expect(await server.call(bearer, 'POST', '/invitations/accept', { token })).toMatchObject({
        status: 404,
        body: { detail: 'no such object' },
      })
    }
    expect((await server.call(null, 'POST', '/invitations/accept', { token })).status).toBe(401)
  })

  it('is taken back, and goes with the membership of who gave it', async () => {
    const { id, token } = await invite('milan', { email: 'noah@watertight.example' })
    expect((await as('greta', 'POST', `/invitations/${id}/revoke`)).status).toBe(404)
    expect((await as('milan', 'POST', `/invitations/${id}/revoke`)).status).toBe(204)
    expect((await as('milan', 'POST', `/invitations/${id}/revoke`)).status).toBe(404)
    const accept = (bearer: string): Promise<IdentityReply> =>
      server.call(signedIn.get('noah') ?? '', 'POST', '/invitations/accept', { token: bearer })
    expect((await accept(token)).status).toBe(404)
    const second = await invite('milan', { email: 'noah@watertight.example' })
    expect((await as('ada', 'POST', `/members/${users.securityManager}/revoke`)).status).toBe(200)
    expect((await accept(second.token)).status).toBe(404)
    const listed = await as('ada', 'GET', '/invitations?state=revoked')
    expect(listed.items.map((item) => item['id'])).toContain(second.id)
    expect(JSON.stringify(listed.items)).not.toContain('inv_')
  })

  it.each<[string, string, object, number]>([
    ['a role above', 'milan', { email: 'a@b.example', role: 'tenant_admin' }, 409],
    [
      'a unit of others',
      'milan',
      { email: 'a@b.example', orgUnitId: orgUnits.security.southSite },
      400,
    ],
    [
      'a unit of another tenant',
      'ada',
      { email: 'a@b.example', orgUnitId: orgUnits.school.root },
      400,
    ],
    ['an archived unit', 'greta', { email: 'a@b.example', orgUnitId: orgUnits.school.latin }, 400],
    ['who is a member', 'ada', { email: 'sofia@watertight.example' }, 409],
    ['whom somebody has invited', 'omar', { email: 'newcomer-1@events.example' }, 409],
    ['no address', 'ada', { email: 'nobody' }, 400],
    ['ever', 'ada', { email: 'a@b.example', expiresInDays: 365 }, 400],
    ['members by members', 'sofia', { email: 'a@b.example' }, 403],
  ])('is not made for %s', async (_what, who, body, status) => {
    expect((await as(who, 'POST', '/invitations', body)).status).toBe(status)
  })
})

describe('the tree of org units', () => {
  const { school, security } = orgUnits

  it('grows, is renamed and archived where the caller works', async () => {
    const made = await as('jonas', 'POST', '/org-units', { name: ' Biology ', slug: 'biology' })
    expect(made).toMatchObject({ status: 201, body: { parentId: school.science, name: 'Biology' } })
    const id = String(made.body['id'])
    const twin = { parentId: school.science, name: 'Again', slug: 'biology' }
    expect((await as('greta', 'POST', '/org-units', twin)).status).toBe(409)
    const renamed = await as('jonas', 'PATCH', `/org-units/${id}`, { name: 'Life sciences' })
    expect(renamed.body).toMatchObject({ name: 'Life sciences', slug: 'biology' })
    expect((await as('jonas', 'POST', `/org-units/${id}/archive`)).status).toBe(200)
    expect((await as('jonas', 'POST', `/org-units/${id}/archive`)).status).toBe(409)
    expect((await as('greta', 'POST', '/org-units', twin)).status).toBe(201)
    const live = await as('jonas', 'GET', '/org-units')
    expect(live.items.map((item) => item['id'])).not.toContain(id)
    const archived = await as('jonas', 'GET', '/org-units?archived=true')
    expect(archived.items.map((item) => item['id'])).toEqual([id])
  })

  it('is changed by nobody from beside, below or elsewhere', async () => {
    const unit = { name: 'New', slug: 'new' }
    const tries: readonly [string, Method, string, object | undefined, number][] = [
      ['sofia', 'POST', '/org-units', unit, 403],
      ['jonas', 'POST', '/org-units', { ...unit, parentId: school.languages }, 400],
      ['ada', 'POST', '/org-units', { ...unit, parentId: school.root }, 400],
      ['greta', 'POST', '/org-units', { ...unit, parentId: school.latin }, 400],
      ['jonas', 'PATCH', `/org-units/${school.languages}`, { name: 'x' }, 404],
      ['jonas', 'PATCH', `/org-units/${school.science}`, { name: 'x' }, 409],
      ['jonas', 'POST', `/org-units/${school.physics}/move`, { parentId: school.languages }, 400],
      ['greta', 'POST', `/org-units/${school.root}/move`, { parentId: school.science }, 409],
      ['greta', 'POST', `/org-units/${school.science}/move`, { parentId: school.class10a }, 409],
      ['greta', 'POST', `/org-units/${school.science}/move`, { parentId: school.science }, 409],
      ['greta', 'POST', `/org-units/${school.science}/move`, { parentId: security.root }, 400],
      ['ada', 'POST', `/org-units/${school.science}/archive`, undefined, 404],
      ['greta', 'POST', `/org-units/${school.physics}/archive`, undefined, 409],
      ['greta', 'POST', `/org-units/${school.class10a}/archive`, undefined, 409],
      ['ada', 'GET', `/org-units/${school.science}`, undefined, 404],
      ['jonas', 'GET', `/org-units/${school.languages}`, undefined, 404],
      ['ada', 'GET', `/org-units/${demoId('core.org_units', 9, 9)}`, undefined, 404],
      ['ada', 'POST', '/org-units', { name: 'x', slug: 'Not A Slug' }, 400],
    ]
    for (const [who, method, path, body, status] of tries) {
      expect([who, path, (await as(who, method, path, body)).status]).toEqual([who, path, status])
    }
  })

  it('takes what is below a unit along', async () => {
    const moved = await as('greta', 'POST', `/org-units/${school.physics}/move`, {
      parentId: school.languages,
    })
    expect(moved.body).toMatchObject({ parentId: school.languages })
    expect((await as('jonas', 'GET', `/org-units/${school.class10a}`)).status).toBe(404)
  })

  it('has no cycle when two units are moved below each other at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const replies = await Promise.all([
        as('greta', 'POST', `/org-units/${school.science}/move`, { parentId: school.languages }),
        as('greta', 'POST', `/org-units/${school.languages}/move`, { parentId: school.physics }),
      ])
      expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409])
      const { rows } = await server.database.admin.query<{ reached: number; all: number }>(
        `with recursive down as (
           select id from core.org_units where tenant_id = $1 and parent_id is null
           union select o.id from core.org_units o join down d on o.parent_id = d.id)
         select (select count(*)::int from down) as reached,
           (select count(*)::int from core.org_units where tenant_id = $1) as all`,
        [tenants.school],
      )
      expect(rows[0]?.reached).toBe(rows[0]?.all)
      await server.database.admin.query(
        'update core.org_units set parent_id = $1 where id in ($2, $3)',
        [school.root, school.science, school.languages],
      )
    }
  })

  it('is never archived under somebody who is just moving in', async () => {
    const made = await as('greta', 'POST', '/org-units', { name: 'Art', slug: 'art' })
    const id = String(made.body['id'])
    const [placed, archived] = await Promise.all([
      as('greta', 'PUT', `/members/${users.schoolPupil}/org-units/${id}`, { scope: 'unit' }),
      as('greta', 'POST', `/org-units/${id}/archive`),
    ])
    expect([placed.status, archived.status].toSorted()).toEqual([200, 409])
  })
})
