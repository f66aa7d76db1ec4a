import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messageRoutes } from '../../test/message-routes.js'
import type { PlatformApi, Received, SentRequest } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { demo } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { eventsRoutes } from '../events/routes.js'
import { identityRoutes } from '../identity/routes.js'
import { assetRoutes } from '../security/asset-routes.js'
import { lifecycleRoutes } from '../tenants/routes.js'

let api: PlatformApi

beforeAll(async () => {
  const routes = [
    ...messageRoutes,
    ...assetRoutes,
    ...identityRoutes,
    ...lifecycleRoutes,
    ...eventsRoutes,
  ]
  api = await openPlatformApi({ routes }, 4)
})
afterAll(() => api.close())

const { security, school } = demo.tenants

function namesOf({ headers }: Received): readonly unknown[] {
  return ['tenant', 'mode', 'org-unit'].map((name) => headers[`watertight-${name}`] ?? null)
}

describe('an answer', () => {
  it.each<[string, DemoActorKey | null, string, number, readonly unknown[], SentRequest?]>([
    ['of a member', 'securityAdmin', '/assets', 200, [security, 'member', null]],
    [
      'of somebody who works in a unit',
      'securityManager',
      '/assets',
      200,
      [security, 'member', demo.orgUnits.security.northSite],
    ],
    ['of an auditor', 'auditorLive', '/assets', 200, [security, 'auditor', null]],
    ['of platform support', 'platformReadOnly', '/assets', 200, [security, 'platform', null]],
    ['that refuses the input', 'securityAdmin', '/assets?limit=x', 400, [security, 'member', null]],
    ['that refuses the caller', 'schoolAdmin', '/platform/tenants', 403, [school, 'member', null]],
    ['of no such resource', 'securityAdmin', '/nothing', 404, [security, 'member', null]],
    ['of a route for users', 'securityAdmin', '/session', 200, [security, 'member', null]],
    [
      'outside of any tenant',
      'securityAdmin',
      '/session',
      200,
      [null, 'user', null],
      { claims: { tenant_id: null } },
    ],
    ['of the platform', 'platformWithoutGrant', '/platform/tenants', 200, [null, 'platform', null]],
    ['for the public', null, '/public/events', 200, [null, null, null]],
    ['to nobody', null, '/assets', 401, [null, null, null]],
    [
      'about a tenant that the caller only names',
      'schoolAdmin',
      '/assets',
      404,
      [null, null, null],
      { claims: { tenant_id: security } },
    ],
  ])(
    '%s names the context it was given for',
    async (_what, actor, path, status, names, request) => {
      const reply = await api.call(actor, 'GET', path, request)
      expect([reply.status, ...namesOf(reply)]).toEqual([status, ...names])
      expect(reply.headers['cache-control']).toBe('no-store')
      expect(reply.headers['vary'] ?? 'Authorization').toMatch(/Authorization/)
    },
  )
})

describe('a request that expects a tenant', () => {
  const leave = (expected: string, actor: DemoActorKey = 'securityAdmin'): Promise<Received> =>
    api.call(actor, 'POST', '/messages', {
      body: { topic: 'alert.opened' },
      headers: { 'watertight-expect-tenant': expected },
    })
  const messages = async (): Promise<number> => {
    const { rows } = await api.database.admin.query<{ n: number }>(
      'select count(*)::int as n from ops.outbox',
    )
    return rows[0]?.n ?? Number.NaN
  }

  it('is answered when the token is for it', async () => {
    const before = await messages()
    expect((await leave(security.toUpperCase())).status).toBe(201)
    expect(await messages()).toBe(before + 1)
  })

  it.each<[string, string]>([
    ['another tenant', school],
    ['nothing', ''],
    ['no tenant at all', 'x'],
    ['two tenants', `${security}, ${school}`],
  ])('is refused and does nothing when it names %s', async (_what, expected) => {
    const before = await messages()
    const reply = await leave(expected)
    expect(reply).toMatchObject({ status: 409, body: { code: 'TENANT_MISMATCH' } })
    expect(reply.text).not.toContain(school)
    expect(namesOf(reply)).toEqual([security, 'member', null])
    expect(await messages()).toBe(before)
  })

  it('is refused to who is outside of any tenant', async () => {
    const headers = { 'watertight-expect-tenant': security }
    const claims = { tenant_id: null }
    const reply = await api.call('securityAdmin', 'GET', '/session', { headers, claims })
    expect(reply).toMatchObject({ status: 409, body: { code: 'TENANT_MISMATCH' } })
  })
})
