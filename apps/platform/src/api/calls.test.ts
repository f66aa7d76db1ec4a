import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { messageRoutes } from '../../test/message-routes.js'
import type { PlatformApi, Received, SentRequest } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { auditRoutes } from '../audit/audit-routes.js'
import { demo, demoId } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { assetRoutes } from '../security/asset-routes.js'

let api: PlatformApi

beforeAll(async () => {
  api = await openPlatformApi({ routes: [...messageRoutes, ...auditRoutes, ...assetRoutes] }, 8)
})
beforeEach(async () => {
  await api.database.admin.query(`delete from ops.outbox; delete from ops.idempotency_keys`)
})
afterAll(() => api.close())

function leave(request: SentRequest = {}, path = '/messages'): Promise<Received> {
  return api.call('securityAdmin', 'POST', path, { body: { topic: 'alert.opened' }, ...request })
}

async function count(text: string): Promise<number> {
  const { rows } = await api.database.admin.query<{ n: number }>(text)
  return rows[0]?.n ?? Number.NaN
}

const messages = (): Promise<number> => count('select count(*)::int as n from ops.outbox')

async function lastEntry(tenantId: string = demo.tenants.security): Promise<unknown> {
  const { rows } = await api.database.admin.query(
    `select actor_id, actor_role, action, target_type, target_id, outcome, correlation_id, detail
     from ops.audit_log where tenant_id = $1 order by chain_position desc limit 1`,
    [tenantId],
  )
  return rows[0]
}

describe('the audit log', () => {
  it('has what was done, in the transaction that did it, under the id of the request', async () => {
    const id = randomUUID()
    const { headers, body } = await leave({ headers: { 'x-request-id': id.toUpperCase() } })
    expect(headers['x-request-id']).toBe(id)
    expect(await lastEntry()).toEqual({
      actor_id: demo.users.securityAdmin,
      actor_role: 'tenant_admin',
      action: 'outbox.leave',
      target_type: 'message',
      target_id: body['id'],
      outcome: 'allowed',
      correlation_id: id,
      detail: { operation: 'leaveMessage' },
    })
    const { rows } = await api.database.admin.query(
      `select m.xmin::text = e.xmin::text as is_same from ops.outbox m
       join ops.audit_log e on e.target_id = m.id`,
    )
    expect(rows).toEqual([{ is_same: true }])
  })

  it('has an id of its own for a request that names something else', async () => {
    const { headers } = await leave({ headers: { 'x-request-id': 'x\t{"level":50}' } })
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('has what a worker did in the name of the caller, and for no other tenant', async () => {
    const topic = 'step.done'
    const own = { topic, tenantId: demo.tenants.security }
    expect((await leave({ body: own }, '/steps')).status).toBe(201)
    expect(await lastEntry()).toMatchObject({ action: 'outbox.leave', actor_role: 'tenant_admin' })
    const foreign = { topic, tenantId: demo.tenants.school }
    expect((await leave({ body: foreign }, '/steps')).status).toBe(404)
    expect(await messages()).toBe(1)
  })

  it.each<[string, DemoActorKey, 'GET' | 'POST', string, number, object]>([
    [
      'refused by capability',
      'securityAnalyst',
      'POST',
      `/assets/${demoId('sec.assets', 1, 1)}/approve`,
      403,
      {
        outcome: 'denied',
        action: 'asset.approve',
        actor_role: 'member',
        target_id: demoId('sec.assets', 1, 1),
      },
    ],
    [
      'refused to an auditor',
      'auditorLive',
      'POST',
      '/messages',
      403,
      { outcome: 'denied', actor_role: 'auditor', action: 'outbox.leave' },
    ],
    [
      'refused by the database, to support that may only read',
      'platformReadOnly',
      'POST',
      '/messages',
      403,
      {
        outcome: 'denied',
        actor_role: 'platform',
        detail: expect.objectContaining({ code: 'ACCESS_DENIED' }),
      },
    ],
    [
      'read by an auditor',
      'auditorLive',
      'GET',
      '/audit',
      200,
      {
        outcome: 'allowed',
        actor_role: 'auditor',
        action: 'read.list_audit_entries',
        detail: { operation: 'listAuditEntries', accessGrant: demo.accessGrants.auditorLive },
      },
    ],
    [
      'verified by an auditor',
      'auditorLive',
      'GET',
      '/audit/verify',
      200,
      { outcome: 'allowed', action: 'read.verify_audit_chain' },
    ],
    [
      'exported by an auditor',
      'auditorLive',
      'GET',
      '/audit/export',
      200,
      { outcome: 'allowed', action: 'audit.export', actor_role: 'auditor' },
    ],
    [
      'read by platform support',
      'platformReadOnly',
      'GET',
      '/audit',
      200,
      { outcome: 'allowed', actor_role: 'platform', action: 'read.list_audit_entries' },
    ],
    [
      'exported by the tenant itself',
      'securityAdmin',
      'GET',
      '/audit/export',
      200,
      { outcome: 'allowed', actor_role: 'tenant_admin', action: 'audit.export' },
    ],
  ])('has what was %s', async (_what, actor, method, path, status, entry) => {
    const isWrite = method === 'POST' && path === '/messages'
    const request = isWrite ? { body: { topic: 'alert.opened' } } : {}
    const reply = await api.call(actor, method, path, request)
    expect(reply.status).toBe(status)
    expect(await lastEntry()).toMatchObject(entry)
  })

  it('has writes of platform support by a grant that allows them', async () => {
    const text = { topic: 'repair.done' }
    const reply = await api.call('platformWritable', 'POST', '/messages', { body: text })
    expect(reply.status).toBe(201)
    expect(await lastEntry(demo.tenants.school)).toMatchObject({
      actor_role: 'platform',
      outcome: 'allowed',
      target_id: reply.body['id'],
      detail: { accessGrant: demo.accessGrants.platformWritable },
    })
  })

  it('holds, and tells a caller with an anchor', async () => {
    const { body } = await api.call('securityAdmin', 'GET', '/audit/verify')
    expect(body).toMatchObject({ intact: true, fault: null })
    const head = body['head'] as { position: number; hash: string }
    const anchor = (hash: string): Promise<Received> =>
      api.call(
        'securityAdmin',
        'GET',
        `/audit/verify?anchorPosition=${String(head.position)}&anchorHash=${hash}`,
      )
    expect((await anchor(head.hash)).body).toMatchObject({ intact: true })
    expect((await anchor('0'.repeat(64))).body).toMatchObject({
      intact: false,
      fault: { kind: 'replaced', position: head.position },
    })
    const half = await api.call('securityAdmin', 'GET', '/audit/verify?anchorPosition=1')
    expect(half).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
  })

  it('is listed by actor, action, target, outcome and time, page by page', async () => {
    const list = async (query: string): Promise<{ action: string }[]> => {
      const { body } = await api.call('securityAdmin', 'GET', `/audit?limit=100&${query}`)
      return body['items'] as { action: string }[]
    }
    expect((await list('action=access_grant')).map(({ action }) => action)).toEqual([
      'access_grant.approved',
    ])
    expect(await list('outcome=failed')).toEqual([])
    expect(await list(`actorId=${demo.users.schoolAdmin}`)).toEqual([])
    expect(await list('to=2026-09-01T00:00:00Z')).toMatchObject([{ action: 'tenant.created' }])
    expect((await list(`targetId=${demo.tenants.security}`)).length).toBe(6)
    const first = await api.call('securityAdmin', 'GET', '/audit?limit=2')
    const next = await api.call(
      'securityAdmin',
      'GET',
      `/audit?limit=2&after=${String(first.body['next'])}`,
    )
    const ids = [first, next].flatMap(({ body }) => body['items'] as { id: string }[])
    expect(new Set(ids.map(({ id }) => id)).size).toBe(4)
  })

  it('is exported with the hash of the file', async () => {
    const { text, headers } = await api.call('securityAdmin', 'GET', '/audit/export?outcome=denied')
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
    expect(headers['x-content-sha256']).toBe(Buffer.from(digest).toString('hex'))
    expect(headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(text.split('\r\n')[0]).toContain('"occurred_at"')
  })
})

describe('a write with an idempotency key', () => {
  const keyed = (key: string, change: SentRequest = {}): SentRequest => ({
    ...change,
    headers: { 'idempotency-key': key },
  })

  it('is done once, however often and however close together it is sent', async () => {
    const before = await count('select count(*)::int as n from ops.audit_log')
    const replies = await Promise.all(Array.from({ length: 12 }, () => leave(keyed('k1'))))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1)
    const replays = replies.filter(({ headers }) => headers['idempotency-replayed'] === 'true')
    expect(replays.length).toBe(11)
    expect(await messages()).toBe(1)
    expect(await count('select count(*)::int as n from ops.audit_log')).toBe(before + 1)
  })

  it('is done twice without one: the control', async () => {
    await Promise.all([leave(), leave()])
    expect(await messages()).toBe(2)
  })

  it('is done once when a worker does it', async () => {
    const request = { topic: 'step.done', tenantId: demo.tenants.security }
    const send = (): Promise<Received> => leave(keyed('k2', { body: request }), '/steps')
    const replies = await Promise.all(Array.from({ length: 8 }, send))
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1)
    expect(await messages()).toBe(1)
  })

  it.each<[string, string, SentRequest]>([
    ['another body', '/messages', { body: { topic: 'other.topic' } }],
    ['another operation', '/secrets', {}],
  ])('is refused with %s', async (_what, path, request) => {
    await leave(keyed('k3'))
    const reply = await leave(keyed('k3', request), path)
    expect(reply).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })
    expect(await messages()).toBe(1)
  })

  it('is another write for another user, and after its day', async () => {
    await leave(keyed('k4'))
    const other = { ...keyed('k4'), body: { topic: 'alert.opened' } }
    expect((await api.call('securityManager', 'POST', '/messages', other)).status).toBe(201)
    expect(await messages()).toBe(2)
    await api.database.admin.query(
      `update ops.idempotency_keys set expires_at = now() - interval '1 s'`,
    )
    expect((await leave(keyed('k4'))).headers['idempotency-replayed']).toBeUndefined()
    expect(await messages()).toBe(3)
  })

  it('that failed can be sent again', async () => {
    const text = 'select 1 / 0'
    expect((await leave(keyed('k5', { body: { text } }), '/failures')).status).toBe(500)
    expect((await leave(keyed('k5'))).status).toBe(201)
  })

  it('never shows a secret again, and keeps none', async () => {
    const first = await leave(keyed('k6'), '/secrets')
    expect(first.body['secret']).toBe('shown once')
    expect(await leave(keyed('k6'), '/secrets')).toMatchObject({
      status: 409,
      body: { code: 'SECRET_ALREADY_SHOWN' },
    })
    const { rows } = await api.database.admin.query(
      `select k.*::text as kept from ops.idempotency_keys k where key = 'k6'`,
    )
    expect(JSON.stringify(rows)).not.toContain('shown once')
    expect(await messages()).toBe(1)
  })

  it.each(['', 'a b', 'ü', 'x'.repeat(201)])('has a key that is one: not %j', async (key) => {
    const reply = await leave({ headers: { 'idempotency-key': key } })
    expect(reply).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/headers/idempotency-key' }] },
    })
  })
})
