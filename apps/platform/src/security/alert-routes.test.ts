import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { demo, demoId } from '../demo-data/index.js'
import { alertRoutes } from './alert-routes.js'
import { ticketRoutes } from './ticket-routes.js'

const alert = (row: number, tenant = 1): string => demoId('sec.alerts', tenant, row)
const ticket = (row: number, tenant = 1): string => demoId('sec.tickets', tenant, row)

let api: ApiCaller
beforeAll(async () => {
  api = await openApiCaller([...alertRoutes, ...ticketRoutes])
})
afterAll(() => api.close())

let raised = 0
async function raise(orgUnitId?: string): Promise<string> {
  raised += 1
  const reply = await api.call('securityAdmin', 'POST', '/alerts', {
    severity: 'high',
    title: 'Door held open',
    source: 'access-control',
    fingerprint: `door-${String(raised)}`,
    ...(orgUnitId !== undefined && { orgUnitId }),
  })
  expect(reply.status).toBe(200)
  return String(reply.body['id'])
}

async function messagesOf(topic: string): Promise<unknown[]> {
  const { rows } = await api.database.admin.query<{ payload: unknown }>(
    'select payload from ops.outbox where topic = $1 and tenant_id = $2',
    [topic, demo.tenants.security],
  )
  return rows.map(({ payload }) => payload)
}

describe('alerts', () => {
  it.each([
    ['status=resolved', [3]],
    ['severity=critical', [1]],
    [`assetId=${demoId('sec.assets', 1, 2)}`, [2]],
    [`assignedTo=${demo.users.securityAnalyst}`, [2]],
    ['source=edr&status=open', [1]],
  ])('are found by %s', async (filter, rows) => {
    const { items } = await api.call('securityAdmin', 'GET', `/alerts?${filter}`)
    expect(items.map(({ id }) => id)).toEqual(rows.map((row) => alert(row)))
  })

  it('are paged without a gap where several were detected in one millisecond', async () => {
    await api.database.admin.query(
      `insert into sec.alerts (tenant_id, org_unit_id, severity, title, source, fingerprint,
         detected_at)
       select $1, $2, 'low', 'Burst', 'burst', 'burst-' || n,
         timestamptz '2026-03-01 12:00:00.001+00' + (n % 4) * interval '1 microsecond'
       from generate_series(1, 9) n`,
      [demo.tenants.events, demo.orgUnits.events.root],
    )
    const seen: unknown[] = []
    let after = ''
    do {
      const path = `/alerts?source=burst&limit=2${after}`
      const { items, body } = await api.call('eventsAdmin', 'GET', path)
      seen.push(...items.map(({ id }) => id))
      after = typeof body['next'] === 'string' ? `&after=${body['next']}` : ''
    } while (after !== '')
    expect(seen).toHaveLength(9)
    expect(new Set(seen).size).toBe(9)
  })

  it('are seen and worked on within the own org units alone', async () => {
    const { items } = await api.call('securityManager', 'GET', '/alerts')
    expect(items.map(({ id }) => id).sort()).toEqual([alert(1), alert(3)])
    for (const id of [alert(2), alert(1, 2)]) {
      for (const [path, body] of [
        ['acknowledge', undefined],
        ['resolve', { note: 'done' }],
        ['assign', { userId: null }],
        ['ticket', {}],
      ] as const) {
        const reply = await api.call('securityManager', 'POST', `/alerts/${id}/${path}`, body)
        expect(reply.status, `${path} of ${id}`).toBe(404)
      }
      expect((await api.call('securityManager', 'GET', `/alerts/${id}`)).status).toBe(404)
    }
  })

  it('are one as long as they are not resolved, however many report them at once', async () => {
    const body = {
      severity: 'low',
      title: 'Door held open',
      source: 'access-control',
      fingerprint: 'many',
    }
    const before = (await messagesOf('alert.raised')).length
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => api.call('securityAdmin', 'POST', '/alerts', body)),
    )
    const ids = new Set(replies.map((reply) => reply.body['id']))
    expect(ids.size).toBe(1)
    expect(await messagesOf('alert.raised')).toHaveLength(before + 1)
    const [id] = ids
    await api.call('securityAdmin', 'POST', `/alerts/${String(id)}/resolve`, { note: 'closed' })
    const again = await api.call('securityAdmin', 'POST', '/alerts', body)
    expect(again.status).toBe(200)
    expect(ids).not.toContain(again.body['id'])
  })

  it('cannot borrow a fingerprint to learn of another org unit', async () => {
    const reply = await api.call('securityManager', 'POST', '/alerts', {
      severity: 'low',
      title: 'Guess',
      source: 'guess',
      fingerprint: 'rule-2',
    })
    expect(reply).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    expect(JSON.stringify(reply.body)).not.toContain(alert(2))
  })

  it('go from open over acknowledged to resolved and no way back', async () => {
    const path = `/alerts/${await raise()}`
    const seen = await api.call('securityAdmin', 'POST', `${path}/acknowledge`)
    expect(seen.body).toMatchObject({
      status: 'acknowledged',
      acknowledgedBy: demo.users.securityAdmin,
    })
    expect((await api.call('securityAdmin', 'POST', `${path}/acknowledge`)).status).toBe(409)
    const done = await api.call('securityAdmin', 'POST', `${path}/resolve`, { note: 'Shut.' })
    expect(done.body).toMatchObject({
      status: 'resolved',
      resolvedBy: demo.users.securityAdmin,
      resolutionNote: 'Shut.',
    })
    for (const [step, body] of [
      ['resolve', { note: 'Again.' }],
      ['acknowledge', undefined],
      ['assign', { userId: null }],
      ['ticket', {}],
    ] as const) {
      expect((await api.call('securityAdmin', 'POST', `${path}/${step}`, body)).status).toBe(409)
    }
    expect(await messagesOf('alert.resolved')).toContainEqual(
      expect.objectContaining({ alertId: done.body['id'] }),
    )
  })

  it.each([
    ['a manager above', demo.users.securityManager],
    ['an administrator', demo.users.securityAdmin],
  ])('of the control room are assigned to %s', async (_who, userId) => {
    const id = await raise(demo.orgUnits.security.controlRoom)
    const reply = await api.call('securityManager', 'POST', `/alerts/${id}/assign`, { userId })
    expect(reply).toMatchObject({ status: 200, body: { assignedTo: userId } })
  })

  it.each([
    ['somebody of another site', demo.users.securityAnalyst],
    ['a former member', demo.users.formerAnalyst],
    ['a member of another tenant', demo.users.schoolAdmin],
  ])('of the control room are not assigned to %s', async (_who, userId) => {
    const id = await raise(demo.orgUnits.security.controlRoom)
    const reply = await api.call('securityManager', 'POST', `/alerts/${id}/assign`, { userId })
    expect(reply).toMatchObject({ status: 400, pointers: ['/body/userId'] })
  })

  it('are not assigned to whose account is disabled', async () => {
    const id = await raise()
    const setStatus = `update core.users set status = $2 where id = $1`
    await api.database.admin.query(setStatus, [demo.users.securityManager, 'disabled'])
    const body = { userId: demo.users.securityManager }
    const reply = await api.call('securityAdmin', 'POST', `/alerts/${id}/assign`, body)
    await api.database.admin.query(setStatus, [demo.users.securityManager, 'active'])
    expect(reply).toMatchObject({ status: 400, pointers: ['/body/userId'] })
  })

  it('of an asset belong to its org unit', async () => {
    const body = { severity: 'low', title: 't', source: 's', fingerprint: 'of-asset' }
    const assetId = demoId('sec.assets', 1, 3)
    const unit = demo.orgUnits.security.northSite
    const elsewhere = { ...body, assetId, orgUnitId: unit }
    const refused = await api.call('securityAdmin', 'POST', '/alerts', elsewhere)
    expect(refused.pointers).toEqual(['/body/orgUnitId'])
    const foreign = { ...body, assetId: demoId('sec.assets', 2, 1) }
    const unknown = await api.call('securityAdmin', 'POST', '/alerts', foreign)
    expect(unknown).toMatchObject({ status: 400, pointers: ['/body/assetId'] })
    const { body: made } = await api.call('securityAdmin', 'POST', '/alerts', { ...body, assetId })
    expect(made['orgUnitId']).toBe(demo.orgUnits.security.controlRoom)
  })

  it('refuses who may only read', async () => {
    const path = `/alerts/${alert(2)}`
    expect((await api.call('securityAnalyst', 'GET', path)).status).toBe(200)
    const reply = await api.call('securityAnalyst', 'POST', `${path}/resolve`, { note: 'x' })
    expect(reply.status).toBe(403)
    expect((await api.call(null, 'GET', path)).status).toBe(401)
  })
})

describe('tickets', () => {
  it('are opened once for an alert, however many ask at once', async () => {
    const id = await raise()
    const replies = await Promise.all(
      Array.from({ length: 10 }, () =>
        api.call('securityAdmin', 'POST', `/alerts/${id}/ticket`, {}),
      ),
    )
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1)
    const { rows } = await api.database.admin.query('select from sec.tickets where alert_id = $1', [
      id,
    ])
    expect(rows).toHaveLength(1)
    const opened = await messagesOf('ticket.opened')
    expect(opened.filter((payload) => Reflect.get(Object(payload), 'alertId') === id)).toHaveLength(
      1,
    )
  })

  it('move on until they are closed', async () => {
    const alertId = await raise()
    const { body } = await api.call('securityAdmin', 'POST', `/alerts/${alertId}/ticket`, {
      title: 'Mend the door',
    })
    const path = `/tickets/${String(body['id'])}`
    const moved = await api.call('securityAdmin', 'PATCH', path, {
      state: 'in_progress',
      externalReference: 'OPS-77',
    })
    expect(moved.body).toMatchObject({ state: 'in_progress', externalReference: 'OPS-77' })
    const closed = await api.call('securityAdmin', 'PATCH', path, { state: 'closed' })
    expect(closed.body).toMatchObject({ state: 'closed', externalReference: 'OPS-77' })
    expect((await api.call('securityAdmin', 'PATCH', path, { state: 'open' })).status).toBe(409)
    const second = await api.call('securityAdmin', 'POST', `/alerts/${alertId}/ticket`, {})
    expect(second.body['id']).not.toBe(body['id'])
  })

  it.each([
    ['another tenant', ticket(1, 2)],
    ['another org unit', ticket(2)],
  ])('of %s are not there', async (_whose, id) => {
    expect((await api.call('securityManager', 'GET', `/tickets/${id}`)).status).toBe(404)
    const change = { state: 'closed' }
    expect((await api.call('securityManager', 'PATCH', `/tickets/${id}`, change)).status).toBe(404)
  })

  it('are listed by state', async () => {
    const { items } = await api.call('securityManager', 'GET', '/tickets?state=closed')
    expect(items.map(({ id }) => id)).toEqual([ticket(3)])
    const refused = await api.call('securityManager', 'GET', '/tickets?state=lost')
    expect(refused.pointers).toEqual(['/query/state'])
    const empty = await api.call('securityAdmin', 'PATCH', `/tickets/${ticket(1)}`, {})
    expect(empty.status).toBe(400)
  })
})
