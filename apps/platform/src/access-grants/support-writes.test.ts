import { parseTenantContext } from 'watertight/runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformApi, Received } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { routes } from '../api/routes.js'
import { demo, demoActors, demoId } from '../demo-data/index.js'

let api: PlatformApi
beforeAll(async () => {
  api = await openPlatformApi({ routes })
})
afterAll(() => api.close())

const asset = { hostname: 'repaired-by-support', kind: 'server' }
const event = {
  slug: 'made-by-support',
  title: 'Made by support',
  startsAt: '2030-05-01T10:00:00Z',
  endsAt: '2030-05-01T12:00:00Z',
  timeZone: 'Europe/Berlin',
  capacity: 10,
}

const write = (path: string, body?: object, method: 'POST' | 'PUT' = 'POST'): Promise<Received> =>
  api.call('platformWritable', method, path, body === undefined ? {} : { body })

describe('platform support with a grant that allows writing', () => {
  it('adds an asset, which belongs to the tenant of the grant and to no other', async () => {
    const made = await write('/assets', asset)
    expect(made).toMatchObject({ status: 201, body: { orgUnitId: demo.orgUnits.school.root } })
    const { rows } = await api.database.admin.query(
      'select tenant_id from sec.assets where hostname = $1',
      [asset.hostname],
    )
    expect(rows).toEqual([{ tenant_id: demo.tenants.school }])
    const { rows: audited } = await api.database.admin.query(
      `select tenant_id, actor_role from ops.audit_log
       where action = 'asset.create' and target_id = $1`,
      [made.body['id']],
    )
    expect(audited).toEqual([{ tenant_id: demo.tenants.school, actor_role: 'platform' }])
  })

  it('works on alerts and tickets, events and their guests, and what is due for compliance', async () => {
    const raised = await write('/alerts', {
      severity: 'low',
      title: 'Support looks into it',
      source: 'support',
      fingerprint: 'support-1',
    })
    expect(raised.status).toBe(200)
    const alert = `/alerts/${String(raised.body['id'])}`
    expect((await write(`${alert}/ticket`, {})).status).toBe(200)
    expect((await write(`${alert}/acknowledge`)).status).toBe(200)
    const made = await write('/events', event)
    expect(made.status).toBe(201)
    const path = `/events/${String(made.body['id'])}`
    const type = { name: 'Standard', priceCents: 0, currency: 'EUR', quantity: 5 }
    const sold = await write(`${path}/ticket-types`, type)
    expect(sold.status).toBe(201)
    expect((await write(`${path}/publish`)).status).toBe(200)
    const guest = { name: 'A guest', email: 'guest@example.com' }
    const registered = await write(`${path}/registrations`, {
      ...guest,
      ticketTypeId: sold.body['id'],
    })
    expect(registered.status).toBe(201)
    const arrived = await write(`${path}/check-ins`, { code: registered.body['code'] })
    expect(arrived.status).toBe(201)
    const control = `/controls/${demoId('sec.controls', 0, 1)}/status`
    expect((await write(control, { state: 'in_progress' }, 'PUT')).status).toBe(200)
    const evaluation = { slug: 'by-support', title: 'By support', kind: 'exam' }
    expect((await write('/evaluations', evaluation)).status).toBe(201)
  })

  it('writes into no other tenant', async () => {
    const claims = { tenant_id: demo.tenants.security }
    const reply = await api.call('platformWritable', 'POST', '/assets', {
      body: { ...asset, hostname: 'elsewhere' },
      claims,
    })
    expect(reply.status).toBe(404)
    const { rows } = await api.database.admin.query(
      `select from sec.assets where hostname = 'elsewhere'`,
    )
    expect(rows).toEqual([])
  })

  it('makes no secret, and decides over nobody’s access or result', async () => {
    for (const [path, body] of [
      ['/api-keys', { name: 'x', scopes: ['assets.read'] }],
      ['/enrolment-tokens', { label: 'x' }],
      [`/submissions/${demoId('eval.submissions', 2, 1)}/scores`, { points: [], afterVersion: 0 }],
    ] as const) {
      expect([path, (await write(path, body)).status]).toEqual([path, 403])
    }
  })
})

describe('platform support with a grant for reading', () => {
  it.each([
    ['POST', '/assets', asset],
    ['POST', `/assets/${demoId('sec.assets', 1, 1)}/approve`, undefined],
    ['PATCH', `/assets/${demoId('sec.assets', 1, 1)}`, { label: 'x' }],
    ['POST', `/alerts/${demoId('sec.alerts', 1, 1)}/acknowledge`, undefined],
    ['DELETE', `/events/${demo.events.securityDraft}`, undefined],
  ] as const)('is refused %s %s', async (method, path, body) => {
    const reply = await api.call('platformReadOnly', method, path, body && { body })
    expect(reply).toMatchObject({ status: 403, body: { code: 'ACCESS_DENIED' } })
  })

  it('writes nothing in the database either, whatever the API would let it', async () => {
    const support = api.opened.tx.as(parseTenantContext(demoActors.platformReadOnly.claims))
    const insert = support.run((tx) =>
      tx.query(
        `insert into sec.assets (org_unit_id, hostname, kind) values ($1, 'by-hand', 'server')`,
        [demo.orgUnits.security.root],
      ),
    )
    await expect(insert).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
  })
})
