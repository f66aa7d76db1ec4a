import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { IdentityReply } from '../../test/identity/identity-server.js'
import type { Method, People } from '../../test/identity/people.js'
import { openPeople } from '../../test/identity/people.js'
import { raced } from '../../test/identity/raced.js'
import { demo } from '../demo-data/index.js'
import { collectingMailer } from '../mail/collecting-mailer.js'
import { mailWork } from '../mail/mail-work.js'

let people: People
const { tenants, users, orgUnits } = demo

beforeAll(async () => {
  people = await openPeople()
}, 120_000)
afterAll(() => people.close())
// Each test begins with the people of the demo as they are.
beforeEach(() => people.keep())
afterEach(() => people.restore())

async function audited(action: string): Promise<number> {
  const { rows } = await people.server.database.admin.query<{ count: number }>(
    'select count(*)::int as count from ops.audit_log where action = $1',
    [action],
  )
  return rows[0]?.count ?? 0
}

describe('the members of a tenant', () => {
  it('are all shown to its admin, and to others those who work where they work', async () => {
    const all = await people.as('ada', 'GET', '/members')
    expect(all.items.map((item) => item['displayName']).toSorted()).toEqual([
      'Ada Berger',
      'Milan Novak',
      'Sofia Rossi',
      'Viktor Sokolov',
    ])
    const north = await people.as('milan', 'GET', '/members')
    expect(north.items.map((item) => item['displayName'])).toEqual(['Milan Novak'])
    expect((await people.as('milan', 'GET', `/members/${users.securityAnalyst}`)).status).toBe(404)
    expect((await people.as('ada', 'GET', `/members/${users.schoolPupil}`)).status).toBe(404)
    const found = await people.as('ada', 'GET', '/members?search=SOFIA&status=active&role=member')
    expect(found.items).toMatchObject([
      {
        userId: users.securityAnalyst,
        places: [{ orgUnitId: orgUnits.security.southSite, scope: 'unit' }],
      },
    ])
    const there = await people.as('ada', 'GET', `/members?orgUnitId=${orgUnits.security.northSite}`)
    expect(there.items).toMatchObject([{ userId: users.securityManager }])
  })

  it('are paged through without losing one', async () => {
    const seen: unknown[] = []
    let next = ''
    do {
      const { items, body } = await people.as('greta', 'GET', `/members?limit=1${next}`)
      seen.push(...items.map((item) => item['userId']))
      next = typeof body['next'] === 'string' ? `&after=${body['next']}` : ''
    } while (next !== '')
    expect(new Set(seen).size).toBe(4)
    expect(seen).toHaveLength(4)
  })

  it('are suspended, revoked and reinstated, each once and with a trace', async () => {
    const path = `/members/${users.securityAnalyst}`
    const before = await audited('member.suspend')
    expect((await people.as('ada', 'POST', `${path}/suspend`)).body).toMatchObject({
      status: 'suspended',
    })
    expect(await audited('member.suspend')).toBe(before + 1)
    expect((await people.as('sofia', 'GET', '/members')).status).toBe(404)
    expect((await people.as('ada', 'POST', `${path}/suspend`)).status).toBe(409)
    expect((await people.as('ada', 'POST', `${path}/revoke`)).body).toMatchObject({
      status: 'revoked',
    })
    expect((await people.as('ada', 'POST', `${path}/reinstate`)).body).toMatchObject({
      status: 'active',
    })
    expect((await people.as('sofia', 'GET', '/members')).status).toBe(200)
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
      expect([who, path, (await people.as(who, method, path, body)).status]).toEqual([
        who,
        path,
        status,
      ])
    }
  })

  it('who work in two places are left to who sees both', async () => {
    const place = `/members/${users.schoolPupil}/org-units/${orgUnits.school.languages}`
    expect((await people.as('greta', 'PUT', place, { scope: 'unit' })).status).toBe(200)
    expect((await people.as('jonas', 'GET', `/members/${users.schoolPupil}`)).status).toBe(200)
    expect((await people.as('jonas', 'POST', `/members/${users.schoolPupil}/suspend`)).status).toBe(
      409,
    )
    expect((await people.as('jonas', 'DELETE', place)).status).toBe(409)
    expect((await people.as('greta', 'DELETE', place)).status).toBe(204)
    expect((await people.as('greta', 'DELETE', place)).status).toBe(404)
    const promoted = await people.as('jonas', 'PATCH', `/members/${users.schoolPupil}`, {
      role: 'org_manager',
    })
    expect(promoted).toMatchObject({ status: 200, body: { role: 'org_manager' } })
  })

  it('are put into live units of the caller alone', async () => {
    const at = (unit: string): string => `/members/${users.schoolPupil}/org-units/${unit}`
    const scope = { scope: 'subtree' }
    expect((await people.as('jonas', 'PUT', at(orgUnits.school.physics), scope)).status).toBe(200)
    expect((await people.as('jonas', 'PUT', at(orgUnits.school.languages), scope)).status).toBe(404)
    expect((await people.as('jonas', 'PUT', at(orgUnits.security.root), scope)).status).toBe(404)
    expect((await people.as('greta', 'PUT', at(orgUnits.school.latin), scope)).status).toBe(409)
    expect(
      (await people.as('greta', 'PUT', at(orgUnits.school.physics), { scope: 'all' })).status,
    ).toBe(400)
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
      expect(await people.as('ada', method, path + end, body)).toMatchObject({
        status: 409,
        body: { detail: 'the tenant would be left without an administrator' },
      })
    }
    expect((await people.as('ada', 'PATCH', path, { jobTitle: 'Head' })).status).toBe(200)
  })

  it('stays when two admins remove each other at the same time, every time', async () => {
    const promote = `/members/${users.securityManager}`
    for (let round = 0; round < 5; round += 1) {
      expect((await people.as('ada', 'PATCH', promote, { role: 'tenant_admin' })).status).toBe(200)
      const replies = await Promise.all([
        people.as('ada', 'PATCH', promote, { role: 'member' }),
        people.as('milan', 'PATCH', `/members/${users.securityAdmin}`, { role: 'member' }),
      ])
      const statuses = replies.map(({ status }) => status).toSorted()
      expect(statuses[0]).toBe(200)
      // Who lost the race finds the last admin, or is no admin any more.
      expect([403, 404, 409]).toContain(statuses[1])
      const { rows } = await people.server.database.admin.query<{ id: string }>(
        `select user_id as id from core.memberships
         where tenant_id = $1 and role = 'tenant_admin' and status = 'active'`,
        [tenants.security],
      )
      expect(rows).toHaveLength(1)
      await people.server.database.admin.query(
        `update core.memberships set role = case user_id when $1 then 'tenant_admin' else 'org_manager' end::core.membership_role
         where user_id in ($1, $2)`,
        [users.securityAdmin, users.securityManager],
      )
    }
  })

  it('would go without the lock: the control', async () => {
    const { admin, url } = people.server.database
    const { securityAdmin, securityManager } = users
    const admins = `select user_id from core.memberships where tenant_id = $1 and role = 'tenant_admin'`
    await admin.query(`update core.memberships set role = 'tenant_admin' where user_id = $1`, [
      securityManager,
    ])
    await raced(
      url,
      async (client, of) => {
        const others = await client.query(`${admins} and user_id <> $2`, [tenants.security, of])
        expect(others.rows).toHaveLength(1)
      },
      async (client, of) => {
        await client.query(`update core.memberships set role = 'member' where user_id = $1`, [of])
      },
      [securityAdmin, securityManager],
    )
    expect((await admin.query(admins, [tenants.security])).rows).toEqual([])
  })
})

describe('an invitation', () => {
  async function invite(who: string, body: object): Promise<{ id: string; token: string }> {
    const { status, body: made } = await people.as(who, 'POST', '/invitations', body)
    expect([status, made['code']]).toEqual([201, undefined])
    return made as { id: string; token: string }
  }

  it('lets somebody in who had no account, once, with the place and role it names', async () => {
    const newcomer = await people.tokenOf('newcomer-security')
    expect((await people.server.call(newcomer, 'GET', '/session')).status).toBe(403)
    await people.server.database.admin.query(`update core.invitations set revoked_at = now()
      where email = 'newcomer-1@security.example' and accepted_at is null`)
    const { token } = await invite('milan', {
      email: 'Newcomer-1@Security.example',
      role: 'org_manager',
      orgUnitId: orgUnits.security.controlRoom,
    })
    const { rows } = await people.server.database.admin.query<{ hash: Buffer }>(
      'select token_hash as hash from core.invitations where email = $1 and revoked_at is null',
      ['newcomer-1@security.example'],
    )
    expect(rows[0]?.hash).toHaveLength(32)
    const before = await audited('invitation.accept')
    const accepted = await people.server.call(newcomer, 'POST', '/invitations/accept', { token })
    expect(accepted).toMatchObject({
      status: 201,
      body: { tenantId: tenants.security, role: 'org_manager' },
    })
    expect(await audited('invitation.accept')).toBe(before + 1)
    expect(
      (await people.server.call(newcomer, 'POST', '/invitations/accept', { token })).status,
    ).toBe(404)
    const session = await people.server.switchTo(newcomer, { tenantId: tenants.security })
    expect((await people.server.call(session, 'GET', '/session')).body).toMatchObject({
      user: { id: accepted.body['id'], email: 'newcomer-1@security.example' },
      role: 'org_manager',
      orgScope: 'subtree',
      orgUnitId: orgUnits.security.controlRoom,
    })
  })

  it('is mailed to the address, whose owner sees what it is before they accept', async () => {
    const { admin } = people.server.database
    await admin.query('delete from notify.notification_logs')
    const { token } = await invite('omar', { email: 'ada@watertight.example', role: 'member' })
    const texts = async (): Promise<string> => {
      const { items } = await people.as('omar', 'GET', '/notifications/log')
      const read = items.map((item) =>
        people.as('omar', 'GET', `/notifications/log/${String(item['id'])}`),
      )
      return JSON.stringify((await Promise.all(read)).map(({ body }) => body))
    }
    const queued = await texts()
    expect(queued).toContain('You are invited to')
    expect(queued).not.toContain(token)
    const mailer = collectingMailer()
    const { tx } = people.server
    await mailWork(tx, { mailer })(tenants.events, new AbortController().signal)
    expect(mailer.mails.map(({ to }) => to)).toEqual(['ada@watertight.example'])
    expect(mailer.mails[0]?.text).toContain(`https://platform.example/invitation#${token}`)
    expect(await texts()).toContain('"status":"sent"')
    const { rows } = await admin.query('select body from notify.notification_logs')
    expect(JSON.stringify(rows)).not.toContain(token)
    const show = async (bearer: string | null): Promise<IdentityReply> =>
      people.server.call(bearer, 'POST', '/invitations/preview', { token })
    expect(await show(await people.tokenOf('ada'))).toMatchObject({
      status: 200,
      body: { tenantId: tenants.events, email: 'ada@watertight.example', role: 'member' },
    })
    expect((await show(await people.tokenOf('sofia'))).status).toBe(404)
    expect((await show(await people.tokenOf('newcomer-school'))).status).toBe(404)
    expect((await show(null)).status).toBe(401)
  })

  it('is accepted once by two requests at the same time', async () => {
    const { token } = await invite('omar', { email: 'ada@watertight.example' })
    const accept = async (): Promise<IdentityReply> =>
      people.server.call(await people.tokenOf('ada'), 'POST', '/invitations/accept', { token })
    const statuses = (await Promise.all([accept(), accept(), accept()])).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([201, 404, 404])
  })

  it('opens nothing for somebody else who holds its token', async () => {
    const { token } = await invite('omar', { email: 'ada@watertight.example' })
    for (const subject of ['sofia', 'newcomer-school']) {
      const bearer = await people.tokenOf(subject)
      expect(
        await people.server.call(bearer, 'POST', '/invitations/accept', { token }),
      ).toMatchObject({
        status: 404,
        body: { detail: 'no such object' },
      })
    }
    expect((await people.server.call(null, 'POST', '/invitations/accept', { token })).status).toBe(
      401,
    )
  })

  it('is taken back, and goes with the membership of who gave it', async () => {
    const { id, token } = await invite('milan', { email: 'noah@watertight.example' })
    expect((await people.as('greta', 'POST', `/invitations/${id}/revoke`)).status).toBe(404)
    expect((await people.as('milan', 'POST', `/invitations/${id}/revoke`)).status).toBe(204)
    expect((await people.as('milan', 'POST', `/invitations/${id}/revoke`)).status).toBe(404)
    const accept = async (bearer: string): Promise<IdentityReply> =>
      people.server.call(await people.tokenOf('noah'), 'POST', '/invitations/accept', {
        token: bearer,
      })
    expect((await accept(token)).status).toBe(404)
    const second = await invite('milan', { email: 'noah@watertight.example' })
    expect(
      (await people.as('ada', 'POST', `/members/${users.securityManager}/revoke`)).status,
    ).toBe(200)
    expect((await accept(second.token)).status).toBe(404)
    const listed = await people.as('ada', 'GET', '/invitations?state=revoked')
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
    expect((await people.as(who, 'POST', '/invitations', body)).status).toBe(status)
  })
})
