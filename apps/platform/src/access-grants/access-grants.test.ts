import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformApi, Received } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { auditRoutes } from '../audit/audit-routes.js'
import { demo, demoId } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { assetRoutes } from '../security/asset-routes.js'
import { accessGrantRoutes } from './grant-routes.js'

let api: PlatformApi

beforeAll(async () => {
  api = await openPlatformApi({ routes: [...accessGrantRoutes, ...auditRoutes, ...assetRoutes] })
})
afterAll(() => api.close())

const hour = 3_600_000
const at = (hours: number): string => new Date(Date.now() + hours * hour).toISOString()

function window(from: number, hours: number): Record<string, unknown> {
  return { reason: 'Yearly audit', startsAt: at(from), expiresAt: at(from + hours) }
}

function askForAuditor(actor: DemoActorKey, change: object = {}): Promise<Received> {
  const body = { granteeId: demo.users.auditor, ...window(-0.1, 24), ...change }
  return api.call(actor, 'POST', '/access-grant-requests', { body })
}

function askForSupport(change: object = {}): Promise<Received> {
  const body = { tenantId: demo.tenants.events, ...window(-0.1, 4), ...change }
  return api.call('platformWithoutGrant', 'POST', '/platform/access-grant-requests', { body })
}

function decide(actor: DemoActorKey, id: unknown, what: string): Promise<Received> {
  return api.call(actor, 'POST', `/access-grant-requests/${String(id)}/${what}`, { body: {} })
}

describe('platform support', () => {
  it('asks, is let in by a tenant admin, and is out as soon as the tenant says so', async () => {
    const asked = await askForSupport()
    expect(asked).toMatchObject({
      status: 201,
      body: { status: 'pending', mode: 'platform', granteeId: demo.users.platformSupport },
    })
    const listed = await api.call('eventsAdmin', 'GET', '/access-grant-requests?status=pending')
    expect(listed.body['items']).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: asked.body['id'] })]),
    )
    const approved = await decide('eventsAdmin', asked.body['id'], 'approve')
    expect(approved).toMatchObject({ status: 200, body: { status: 'approved' } })
    const grantId = String(approved.body['accessGrantId'])
    const claims = { tenant_id: demo.tenants.events, grant_id: grantId }
    const inside = await api.call('platformWithoutGrant', 'GET', '/audit', { claims })
    expect(inside.status).toBe(200)
    const grants = await api.call('eventsAdmin', 'GET', '/access-grants')
    expect(grants.body['items']).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: grantId, state: 'live' })]),
    )
    const revoked = await api.call('eventsAdmin', 'POST', `/access-grants/${grantId}/revoke`)
    expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked' } })
    expect((await api.call('platformWithoutGrant', 'GET', '/audit', { claims })).status).toBe(404)
    const again = await api.call('eventsAdmin', 'POST', `/access-grants/${grantId}/revoke`)
    expect(again).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    const log = await api.call('eventsAdmin', 'GET', '/audit?limit=4')
    expect(
      (log.body['items'] as { action: string; actorRole: string }[]).map(
        ({ action, actorRole }) => `${actorRole} ${action}`,
      ),
    ).toEqual([
      'tenant_admin access_grant.revoke',
      'platform read.list_audit_entries',
      'tenant_admin access_grant.approve',
      'platform access_grant.request',
    ])
  })

  it('ends a grant itself', async () => {
    const asked = await askForSupport()
    const { body } = await decide('eventsAdmin', asked.body['id'], 'approve')
    const path = `/platform/tenants/${demo.tenants.events}/access-grants/${String(body['accessGrantId'])}/revoke`
    expect(await api.call('platformWithoutGrant', 'POST', path)).toMatchObject({
      status: 200,
      body: { state: 'revoked', revokedBy: demo.users.platformSupport },
    })
    const elsewhere = path.replace(demo.tenants.events, demo.tenants.school)
    expect((await api.call('platformWithoutGrant', 'POST', elsewhere)).status).toBe(404)
  })

  it.each<[string, object, string]>([
    ['with writing for more than 8 hours', { canWrite: true, ...window(0, 9) }, '/body/expiresAt'],
    ['for more than 30 days', window(0, 31 * 24), '/body/expiresAt'],
    ['for a time that has passed', window(-5, 4), '/body/expiresAt'],
    ['that ends before it begins', { ...window(5, 1), expiresAt: at(4) }, '/body/expiresAt'],
    ['far ahead', window(100 * 24, 1), '/body/startsAt'],
    ['for no reason', { reason: '  ' }, '/body/reason'],
  ])('cannot ask for access %s', async (_what, change, pointer) => {
    const { status, body } = await askForSupport(change)
    expect(status).toBe(400)
    expect(body['errors']).toEqual(expect.arrayContaining([expect.objectContaining({ pointer })]))
  })

  it('learns nothing of a tenant that is not there', async () => {
    expect(await askForSupport({ tenantId: demoId('core.tenants', 9, 9) })).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    })
  })

  it('is for platform staff', async () => {
    const body = { tenantId: demo.tenants.security, ...window(0, 1) }
    const reply = await api.call('eventsAdmin', 'POST', '/platform/access-grant-requests', { body })
    expect(reply).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
  })
})

describe('an auditor', () => {
  it('is asked for by one admin and let in by another, and reads redacted', async () => {
    const asked = await askForAuditor('schoolAdmin')
    expect(asked).toMatchObject({ status: 201, body: { mode: 'auditor', canWrite: false } })
    const { id } = asked.body
    // The one who asked does not decide.
    expect(await decide('schoolAdmin', id, 'approve')).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    })
    await api.database.admin.query(
      `update core.memberships set role = 'tenant_admin' where user_id = $1 and tenant_id = $2`,
      [demo.users.schoolManager, demo.tenants.school],
    )
    const approved = await decide('schoolManager', id, 'approve')
    expect(approved).toMatchObject({ status: 200, body: { decidedBy: demo.users.schoolManager } })
    const claims = { grant_id: approved.body['accessGrantId'] }
    const log = await api.call('auditorExpired', 'GET', '/audit?limit=1', { claims })
    expect(log).toMatchObject({
      status: 200,
      body: { items: [{ detail: null, clientAddress: null }] },
    })
    expect(await decide('schoolManager', id, 'reject')).toMatchObject({ status: 409 })
  })

  it('is in by one of two approvals at the same time', async () => {
    const asked = await askForSupport({ tenantId: demo.tenants.school })
    const replies = await Promise.all([
      decide('schoolAdmin', asked.body['id'], 'approve'),
      decide('schoolAdmin', asked.body['id'], 'approve'),
      decide('schoolAdmin', asked.body['id'], 'reject'),
    ])
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
  })

  it('is asked for by admins only, and of the own tenant', async () => {
    expect((await askForAuditor('schoolPupil')).status).toBe(403)
    const asked = await askForAuditor('securityAdmin')
    expect((await decide('schoolAdmin', asked.body['id'], 'approve')).status).toBe(404)
    expect((await decide('securityManager', asked.body['id'], 'approve')).status).toBe(403)
    expect((await decide('securityAnalyst', asked.body['id'], 'reject')).status).toBe(403)
  })

  it('cannot be let in by what members may write themselves', async () => {
    const { rows } = await api.database.admin.query<{ role: string; may: boolean }>(
      `select r as role, has_table_privilege(r, 'core.access_grants', 'INSERT, UPDATE, DELETE') as may
       from unnest($1::text[]) r`,
      [[api.database.role('app'), api.database.role('platform'), api.database.role('auditor')]],
    )
    expect(rows.map(({ may }) => may)).toEqual([false, false, false])
  })
})
