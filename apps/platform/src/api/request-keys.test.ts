import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseTenantContext } from 'watertight/runtime'
import type { BoundTxManager } from 'watertight/runtime'
import type { PlatformApi, Received, SentRequest } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { demo } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { eventsRoutes } from '../events/routes.js'
import { grantRequestRoutes } from '../access-grants/grant-request-routes.js'
import { lifecycleRoutes } from '../tenants/routes.js'
import { dropExpiredKeys } from './request-key-repository.js'

let api: PlatformApi
let event: string
let ticketTypeId: string

beforeAll(async () => {
  api = await openPlatformApi(
    { routes: [...lifecycleRoutes, ...grantRequestRoutes, ...eventsRoutes] },
    8,
  )
  const { rows } = await api.database.admin.query<{ path: string; type: string }>(
    `select format('/public/o/%s/e/%s', t.slug, e.slug) as path, k.id as type
     from evt.events e join core.tenants t on t.id = e.tenant_id
     join evt.ticket_types k on k.event_id = e.id and k.tenant_id = e.tenant_id
     where e.id = $1 and not k.is_hidden and k.archived_at is null and k.sold < k.quantity limit 1`,
    [demo.events.eventsPublished],
  )
  event = rows[0]?.path ?? ''
  ticketTypeId = rows[0]?.type ?? ''
})
beforeEach(async () => {
  await api.database.admin.query('delete from core.request_keys')
  await api.database.admin.query('delete from core.organization_requests')
})
afterAll(() => api.close())

const keyed = (key: string, body: object): SentRequest => ({
  body,
  headers: { 'idempotency-key': key },
})

let count = 0
/** A request for an organisation of its own, which nothing but the key keeps from being made twice. */
function wish(): { readonly organizationName: string; readonly slug: string } {
  count += 1
  return { organizationName: `Wish ${String(count)}`, slug: `wish-${String(count)}` }
}

async function rowsOf(text: string): Promise<number> {
  const { rows } = await api.database.admin.query<{ n: number }>(
    `select count(*)::int as n from ${text}`,
  )
  return rows[0]?.n ?? Number.NaN
}

const isReplayed = ({ headers }: Received): boolean => headers['idempotency-replayed'] === 'true'
const ask = (actor: DemoActorKey, request: SentRequest): Promise<Received> =>
  api.call(actor, 'POST', '/organization-requests', request)

describe('a write of a person outside of any tenant', () => {
  it('is done once, however close together it is sent, and answered alike', async () => {
    const request = keyed('person-1', wish())
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => ask('securityAnalyst', request)),
    )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1)
    expect(replies.filter(isReplayed)).toHaveLength(7)
    expect(await rowsOf('core.organization_requests')).toBe(1)
  })

  it('is another write for somebody else with the same key', async () => {
    expect((await ask('securityAnalyst', keyed('person-2', wish()))).status).toBe(201)
    const other = await ask('schoolPupil', keyed('person-2', wish()))
    expect(other.status).toBe(201)
    expect(isReplayed(other)).toBe(false)
    expect(await rowsOf('core.organization_requests')).toBe(2)
  })

  it('is refused with another body or at another path under its key', async () => {
    expect((await ask('securityAnalyst', keyed('person-3', wish()))).status).toBe(201)
    const refused = { status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } }
    expect(await ask('securityAnalyst', keyed('person-3', wish()))).toMatchObject(refused)
    const path = `/organization-requests/${demo.users.visitor}`
    const request = { headers: { 'idempotency-key': 'person-3' } }
    expect(await api.call('securityAnalyst', 'DELETE', path, request)).toMatchObject(refused)
  })

  it('that failed leaves no key, and one whose day is over is done again', async () => {
    const request = keyed('person-4', { organizationName: 'No slug' })
    expect((await ask('securityAnalyst', request)).status).toBe(400)
    expect(await rowsOf('core.request_keys')).toBe(0)
    const { admin } = api.database
    expect((await ask('securityAnalyst', keyed('person-4', wish()))).status).toBe(201)
    await admin.query(`update core.request_keys set expires_at = now()`)
    await admin.query('delete from core.organization_requests')
    const again = await ask('securityAnalyst', keyed('person-4', wish()))
    expect([again.status, isReplayed(again)]).toEqual([201, false])
  })
})

describe('a write of platform staff', () => {
  const requests = 'core.access_grant_requests'
  const body = {
    tenantId: demo.tenants.school,
    reason: 'Marks are missing',
    startsAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  }
  const askForAccess = (key: string | null): Promise<Received> =>
    api.call('platformWithoutGrant', 'POST', '/platform/access-grant-requests', {
      body,
      ...(key !== null && { headers: { 'idempotency-key': key } }),
    })

  it('that a step of the server does is done once, however close together it is sent', async () => {
    const before = await rowsOf(requests)
    const replies = await Promise.all(Array.from({ length: 6 }, () => askForAccess('staff-1')))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1)
    expect(await rowsOf(requests)).toBe(before + 1)
    expect(isReplayed(await askForAccess('staff-1'))).toBe(true)
  })

  it('is done as often as it is sent without a key: the control', async () => {
    const before = await rowsOf(requests)
    await Promise.all([askForAccess(null), askForAccess(null)])
    await askForAccess('staff-2')
    await api.database.admin.query('delete from core.request_keys')
    await askForAccess('staff-2')
    expect(await rowsOf(requests)).toBe(before + 4)
  })
})

describe('a write of a visitor', () => {
  const guest = { name: 'A. Guest', email: 'guest@guests.example' }
  const register = (request: SentRequest): Promise<Received> =>
    api.call(null, 'POST', `${event}/registrations`, request)
  const repeated = `ops.outbox where topic = 'registration.repeated'`

  it('is done once: who is registered hears of it once, however often it is sent', async () => {
    const request = keyed('visitor-1', { ...guest, ticketTypeId })
    const replies = await Promise.all(Array.from({ length: 5 }, () => register(request)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]))
    expect(replies.filter(isReplayed)).toHaveLength(4)
    expect(isReplayed(await register(request))).toBe(true)
    expect(await rowsOf(repeated)).toBe(0)
    const other = await register(keyed('visitor-1', { ...guest, name: 'B.', ticketTypeId }))
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })
  })

  it('is done twice without a key: the control', async () => {
    await register({ body: { ...guest, ticketTypeId } })
    expect(await rowsOf(repeated)).toBe(1)
  })
})

describe('the keys', () => {
  it('are read and written by no role of a request, but through their functions', async () => {
    for (const mode of ['app', 'public', 'auditor', 'worker', 'platform'] as const) {
      const client = await api.database.connect(api.database.role(mode))
      for (const text of ['select from core.request_keys', 'delete from core.request_keys']) {
        await expect(client.query(text)).rejects.toMatchObject({ code: '42501' })
      }
      await client.end()
    }
  })

  it('are those of the user of the context alone, whoever asks by SQL', async () => {
    expect((await ask('securityAnalyst', keyed('secret-key', wish()))).status).toBe(201)
    const { tx } = api.opened
    const as = (userId: string): BoundTxManager =>
      tx.as(parseTenantContext({ mode: 'member', tenantId: null, userId }))
    const other = as(demo.users.schoolPupil)
    const taken = await other.run(async (db) => {
      const { rows } = await db.query<{ state: string }>(
        `select state from ops.take_request_key(null, 'secret-key', 'POST', '/', $1)`,
        [Buffer.alloc(32)],
      )
      await db.query(`select ops.drop_request_key(null, 'secret-key')`)
      return rows
    })
    expect(taken).toEqual([{ state: 'new' }])
    const own = as(demo.users.securityAnalyst)
    const { rows } = await own.query(
      `select ops.drop_request_key(null, 'secret-key') as dropped,
         ops.keep_request_answer(null, 'secret-key', 200::smallint, null) as kept`,
    )
    // Nor by the user in another transaction than that of the write.
    expect(rows).toEqual([{ dropped: false, kept: false }])
    expect(await rowsOf('core.request_keys')).toBe(1)
  })

  it('go when their day is over, and not before', async () => {
    await ask('securityAnalyst', keyed('old', wish()))
    await api.database.admin.query('delete from ops.idempotency_keys')
    const drop = (): Promise<number> =>
      api.opened.tx.asWorker({ tenantId: null }).run((db) => dropExpiredKeys(db, 100))
    expect(await drop()).toBe(0)
    await api.database.admin.query('update core.request_keys set expires_at = now()')
    expect(await drop()).toBe(1)
    expect(await rowsOf('core.request_keys')).toBe(0)
  })
})
