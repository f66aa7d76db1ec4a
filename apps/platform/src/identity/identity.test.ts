import { decodeJwt } from 'jose'
import { createHttpTenancy } from 'watertight/http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { forgeries } from '../../test/identity/forgeries.js'
import { openIdentityServer } from '../../test/identity/identity-server.js'
import type { IdentityServer } from '../../test/identity/identity-server.js'
import { buildApi } from '../api/build-api.js'
import { demo, demoId } from '../demo-data/index.js'
import { memberPackRoutes } from '../members/routes.js'
import { securityRoutes } from '../security/security-routes.js'
import { identityRoutes } from './routes.js'

let server: IdentityServer
const tokens = new Map<string, string>()

const { tenants, users, orgUnits, accessGrants } = demo

beforeAll(async () => {
  server = await openIdentityServer([...identityRoutes, ...memberPackRoutes, ...securityRoutes])
  for (const subject of ['ada', 'milan', 'sofia', 'noah', 'helen', 'tomas', 'yuki', 'viktor']) {
    tokens.set(subject, await server.tokenOf(subject))
  }
}, 120_000)
afterAll(() => server.close())

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

function token(subject: string): string {
  return tokens.get(subject) ?? ''
}

/** Changes rows as the owner would, and back after the test. */
async function change(text: string, values: unknown[], back: string): Promise<void> {
  await server.database.admin.query(text, values)
  undo.push(() => server.database.admin.query(back, values))
}

async function statusOf(bearer: string, path = '/assets'): Promise<number> {
  return (await server.call(bearer, 'GET', path)).status
}

describe('a session', () => {
  it('begins outside of any tenant, with what there is to choose from', async () => {
    const { status, body } = await server.call(token('noah'), 'GET', '/session')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      user: { id: users.schoolAndEvents, email: 'noah@watertight.example' },
      mode: 'user',
      role: null,
      tenant: null,
      capabilities: [],
      grants: [],
    })
    expect((body['tenants'] as { id: string }[]).map(({ id }) => id).toSorted()).toEqual([
      tenants.school,
      tenants.events,
    ])
    expect(await server.call(token('noah'), 'GET', '/assets')).toMatchObject({
      status: 400,
      body: { code: 'NO_TENANT' },
    })
  })

  it('is switched to a tenant of the user, and to one of their units', async () => {
    const inSchool = await server.switchTo(token('noah'), { tenantId: tenants.school })
    const { body } = await server.call(inSchool, 'GET', '/session')
    expect(body).toMatchObject({
      mode: 'member',
      role: 'member',
      tenant: { id: tenants.school, slug: 'lindenhof-school' },
      orgScope: 'unit',
      orgUnitId: orgUnits.school.class10b,
      orgUnits: [{ id: orgUnits.school.class10b, scope: 'unit' }],
    })
    expect(body['capabilities']).toContain('assets.read')
    const inEvents = await server.switchTo(inSchool, { tenantId: tenants.events })
    expect((await server.call(inEvents, 'GET', '/session')).body).toMatchObject({
      tenant: { id: tenants.events },
      orgUnitId: orgUnits.events.root,
    })
  })

  it('of a manager goes down to a unit below theirs, and nowhere else', async () => {
    const below = { tenantId: tenants.security, orgUnitId: orgUnits.security.controlRoom }
    const inRoom = await server.switchTo(token('milan'), below)
    expect((await server.call(inRoom, 'GET', '/session')).body).toMatchObject({
      orgScope: 'subtree',
      orgUnitId: orgUnits.security.controlRoom,
    })
    const { items } = await server.call(inRoom, 'GET', '/assets')
    expect(new Set(items.map((item) => item['orgUnitId']))).toEqual(
      new Set([orgUnits.security.controlRoom]),
    )
    for (const orgUnitId of [
      orgUnits.security.southSite,
      orgUnits.security.root,
      orgUnits.school.science,
    ]) {
      const target = { tenantId: tenants.security, orgUnitId }
      expect(await server.call(token('milan'), 'POST', '/session/switch', target)).toMatchObject({
        status: 404,
      })
    }
  })

  it.each<[string, string, object]>([
    ['a tenant of others', 'noah', { tenantId: tenants.security }],
    ['a tenant that one has left', 'viktor', { tenantId: tenants.security }],
    ['a grant of somebody else', 'noah', { grantId: accessGrants.auditorLive }],
    ['a grant that has ended', 'helen', { grantId: accessGrants.auditorExpired }],
    ['a grant that was revoked', 'helen', { grantId: accessGrants.auditorRevoked }],
    ['a grant that has not begun', 'tomas', { grantId: accessGrants.platformUpcoming }],
    ['what there is not', 'ada', { tenantId: demoId('core.tenants', 9, 9) }],
  ])('is not switched to %s', async (_what, subject, target) => {
    expect(await server.call(token(subject), 'POST', '/session/switch', target)).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    })
  })

  it('lives ten minutes at most, and never longer than the sign-in', async () => {
    const session = decodeJwt(await server.switchTo(token('ada'), { tenantId: tenants.security }))
    expect(Number(session.exp) - Number(session.iat)).toBeLessThanOrEqual(600)
    expect(Number(session.exp)).toBeLessThanOrEqual(Number(decodeJwt(token('ada')).exp) + 5)
  })
})

describe('an auditor', () => {
  it('sees the remaining seconds of the window, and reads redacted', async () => {
    const { body } = await server.call(token('helen'), 'GET', '/session')
    expect(body['grants']).toMatchObject([
      {
        id: accessGrants.auditorLive,
        mode: 'auditor',
        reason: expect.stringMatching(/\w/),
      },
    ])
    const session = await server.switchTo(token('helen'), { grantId: accessGrants.auditorLive })
    const inside = (await server.call(session, 'GET', '/session')).body
    expect(inside).toMatchObject({
      mode: 'auditor',
      tenant: { id: tenants.security, status: 'active' },
      window: {
        grantId: accessGrants.auditorLive,
        canWrite: false,
        reason: expect.stringMatching(/\w/),
      },
    })
    const { remainingSeconds } = inside['window'] as { remainingSeconds: number }
    expect(remainingSeconds).toBeGreaterThan(13 * 86_400)
    expect(remainingSeconds).toBeLessThanOrEqual(14 * 86_400)
    const members = await server.call(session, 'GET', '/members')
    expect(members.status).toBe(200)
    expect(members.items.length).toBeGreaterThan(0)
    for (const member of members.items) expect(member['email']).toBeNull()
    const keys = await server.call(session, 'GET', '/api-keys')
    expect(keys).toMatchObject({ status: 200 })
    for (const key of keys.items) expect(key['prefix']).toBeNull()
    expect((await server.call(session, 'GET', '/invitations')).status).toBe(200)
    expect((await server.call(session, 'GET', '/org-units')).items).toHaveLength(4)
  })

  it.each([
    ['ends', `expires_at = now() - interval '1 second'`],
    ['is revoked', 'revoked_at = now()'],
    ['has not begun', `starts_at = now() + interval '1 hour'`],
  ])('is out at once when the window %s, with a token that is still valid', async (_what, set) => {
    const session = await server.switchTo(token('helen'), { grantId: accessGrants.auditorLive })
    expect(await statusOf(session, '/members')).toBe(200)
    await change(
      `update core.access_grants set ${set} where id = $1`,
      [accessGrants.auditorLive],
      `update core.access_grants set starts_at = now() - interval '1 day',
         expires_at = now() + interval '14 days', revoked_at = null where id = $1`,
    )
    expect(await statusOf(session, '/members')).toBe(404)
    expect(await statusOf(session, '/session')).toBe(404)
  })
})

describe('platform support', () => {
  it('reads members by a grant, and changes none', async () => {
    const session = await server.switchTo(token('tomas'), {
      grantId: accessGrants.platformReadOnly,
    })
    expect((await server.call(session, 'GET', '/session')).body).toMatchObject({
      mode: 'platform',
      user: { isPlatformStaff: true },
      tenant: { id: tenants.security },
      window: { canWrite: false },
      capabilities: expect.arrayContaining(['members.read']),
    })
    const { items } = await server.call(session, 'GET', '/members')
    expect(items.map((item) => item['displayName'])).toContain('Ada Berger')
    const revoke = `/members/${users.securityAnalyst}/revoke`
    expect((await server.call(session, 'POST', revoke)).status).toBe(403)
    const key = { name: 'x', scopes: ['assets.read'] }
    expect((await server.call(session, 'POST', '/api-keys', key)).status).toBe(403)
  })
})

describe('a session token that is still valid', () => {
  it.each<[string, string, unknown[], string]>([
    [
      'a revoked member',
      `update core.memberships set status = 'revoked', revoked_at = now() where user_id = $1`,
      [users.securityAnalyst],
      `update core.memberships set status = 'active', revoked_at = null where user_id = $1`,
    ],
    [
      'a suspended member',
      `update core.memberships set status = 'suspended' where user_id = $1`,
      [users.securityAnalyst],
      `update core.memberships set status = 'active' where user_id = $1`,
    ],
    [
      'a member of a suspended tenant',
      `update core.tenants set status = 'suspended', suspended_at = now() where id = $1`,
      [tenants.security],
      `update core.tenants set status = 'active', suspended_at = null where id = $1`,
    ],
    [
      'a disabled user',
      `update core.users set status = 'disabled' where id = $1`,
      [users.securityAnalyst],
      `update core.users set status = 'active' where id = $1`,
    ],
    [
      'a member without a place',
      'update core.org_memberships set org_unit_id = $2 where user_id = $1',
      [users.securityAnalyst, orgUnits.security.root],
      '',
    ],
  ])('does not let %s in', async (what, text, values, back) => {
    const session = await server.switchTo(token('sofia'), {
      tenantId: tenants.security,
      orgUnitId: orgUnits.security.southSite,
    })
    expect(await statusOf(session)).toBe(200)
    if (what === 'a member without a place') {
      const [user] = values
      await server.database.admin.query(text, values)
      undo.push(() =>
        server.database.admin.query(
          'update core.org_memberships set org_unit_id = $2 where user_id = $1',
          [user, orgUnits.security.southSite],
        ),
      )
    } else await change(text, values, back)
    expect(await statusOf(session)).toBe(404)
  })

  it('would let a revoked member in if membership were remembered: the control', async () => {
    const { options } = server
    const place = { orgScope: 'unit', orgUnitId: orgUnits.security.southSite } as const
    const remembered = { capabilities: ['assets.read'], ...place }
    const http = createHttpTenancy({ ...options, checkMembership: () => remembered })
    const app = await buildApi({ http, routes: securityRoutes, rateLimits: null })
    const session = await server.switchTo(token('sofia'), { tenantId: tenants.security })
    await change(
      `update core.memberships set status = 'revoked', revoked_at = now() where user_id = $1`,
      [users.securityAnalyst],
      `update core.memberships set status = 'active', revoked_at = null where user_id = $1`,
    )
    const headers = { authorization: `Bearer ${session}` }
    const reply = await app.inject({ method: 'GET', url: '/api/v1/assets', headers })
    expect(reply.statusCode).toBe(200)
    await app.close()
  })
})

describe('a token that the platform did not ask for', () => {
  it.each(forgeries(() => server))('is refused with %s', async (_what, make) => {
    expect(await server.call(await make(), 'GET', '/assets')).toMatchObject({
      status: 401,
      body: { code: 'INVALID_TOKEN' },
    })
  })

  it('is refused when a session was changed on its way', async () => {
    const session = await server.switchTo(token('sofia'), { tenantId: tenants.security })
    const [head = '', body = '', signature = ''] = session.split('.')
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
    const other = { ...payload, tenant_id: tenants.school }
    const forged = [head, Buffer.from(JSON.stringify(other)).toString('base64url'), signature]
    expect(await statusOf(forged.join('.'))).toBe(401)
  })
})

describe('an API key', () => {
  async function make(
    subject: string,
    body: object,
    target: object = { tenantId: tenants.security },
  ): Promise<{ id: string; secret: string }> {
    const session = await server.switchTo(token(subject), target)
    const made = await server.call(session, 'POST', '/api-keys', body)
    expect(made.status).toBe(201)
    return made.body as { id: string; secret: string }
  }

  it('is shown once, works for its scopes alone, and is revoked at once', async () => {
    const { id, secret } = await make('ada', { name: 'inventory', scopes: ['assets.read'] })
    expect(secret).toMatch(/^wt_[a-z0-9]{8}_[\w-]{43}$/)
    expect((await server.call(secret, 'GET', '/assets')).items).toHaveLength(4)
    expect(await statusOf(secret, '/members')).toBe(403)
    expect(await statusOf(secret, '/session')).toBe(403)
    const session = await server.switchTo(token('ada'), { tenantId: tenants.security })
    const listed = (await server.call(session, 'GET', '/api-keys')).items
    const own = listed.find((key) => key['id'] === id)
    expect(own).toMatchObject({ scopes: ['assets.read'], revokedAt: null })
    expect(own?.['lastUsedAt']).toBeTypeOf('string')
    expect(JSON.stringify(listed)).not.toContain(secret)
    expect((await server.call(session, 'POST', `/api-keys/${id}/revoke`)).status).toBe(204)
    expect(await statusOf(secret)).toBe(401)
    expect((await server.call(session, 'POST', `/api-keys/${id}/revoke`)).status).toBe(404)
  })

  it('opens nothing with another secret, prefix or form', async () => {
    const { secret } = await make('ada', { name: 'guessed', scopes: ['assets.read'] })
    const wrong = [
      `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`,
      secret.replace(/^wt_.{8}/, 'wt_aaaaaaaa'),
      secret.slice(0, 11),
      `${secret}A`,
      'wt_',
    ]
    const statuses = await Promise.all(wrong.map((each) => statusOf(each)))
    expect(statuses).toEqual(wrong.map(() => 401))
  })

  it('has no more than its creator has now, and dies with their membership', async () => {
    const { secret } = await make('milan', {
      name: 'site',
      scopes: ['assets.read', 'assets.write'],
    })
    const path = `/assets/${demoId('sec.assets', 1, 1)}/approve`
    expect((await server.call(secret, 'POST', path)).status).not.toBe(403)
    const { items } = await server.call(secret, 'GET', '/assets')
    expect(items.map((item) => item['orgUnitId'])).not.toContain(orgUnits.security.southSite)
    await change(
      `update core.memberships set role = 'member' where user_id = $1`,
      [users.securityManager],
      `update core.memberships set role = 'org_manager' where user_id = $1`,
    )
    expect((await server.call(secret, 'POST', path)).status).toBe(403)
    expect(await statusOf(secret)).toBe(200)
    await change(
      `update core.memberships set status = 'revoked', revoked_at = now() where user_id = $1`,
      [users.securityManager],
      `update core.memberships set status = 'active', revoked_at = null where user_id = $1`,
    )
    expect(await statusOf(secret)).toBe(404)
  })

  it('works in the unit that it was made in', async () => {
    const target = { tenantId: tenants.security, orgUnitId: orgUnits.security.controlRoom }
    const { secret } = await make('ada', { name: 'room', scopes: ['assets.read'] }, target)
    const { items } = await server.call(secret, 'GET', '/assets')
    expect(items.map((item) => item['orgUnitId'])).toEqual([orgUnits.security.controlRoom])
  })

  it.each<[string, string, object]>([
    ['what its creator may not do', 'milan', { name: 'x', scopes: ['keys.write'] }],
    ['making more keys', 'ada', { name: 'x', scopes: ['api_keys.write'] }],
    ['what there is not', 'ada', { name: 'x', scopes: ['everything'] }],
    ['nothing', 'ada', { name: 'x', scopes: [] }],
    ['the past', 'ada', { name: 'x', scopes: ['assets.read'], expiresAt: '2020-01-01T00:00:00Z' }],
  ])('is not made for %s', async (_what, subject, body) => {
    const session = await server.switchTo(token(subject), { tenantId: tenants.security })
    expect((await server.call(session, 'POST', '/api-keys', body)).status).toBe(400)
  })
})

describe('a service', () => {
  it('acts as the user of its client id, within what it asked for', async () => {
    const { admin } = server.database
    const { rows } = await admin.query<{ id: string }>(
      `insert into core.users (issuer, subject, email, display_name)
       values ('https://login.watertight.example', 'importer', 'importer@services.example', 'Importer')
       returning id`,
    )
    await admin.query(
      `insert into core.memberships (tenant_id, user_id, role) values ($1, $2, 'tenant_admin')`,
      [tenants.security, rows[0]?.id],
    )
    const session = await server.switchTo(await server.serviceToken('assets.read'), {
      tenantId: tenants.security,
    })
    expect((await server.call(session, 'GET', '/assets')).items).toHaveLength(4)
    expect(await statusOf(session, '/members')).toBe(403)
    const { body } = await server.call(session, 'GET', '/session')
    expect(body).toMatchObject({ role: 'tenant_admin', capabilities: ['assets.read'] })
    const again = await server.switchTo(session, { tenantId: tenants.security })
    expect(await statusOf(again, '/members')).toBe(403)
  })
})
