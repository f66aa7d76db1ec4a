import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { demo, demoId } from '../demo-data/index.js'
import { assetRoutes } from './asset-routes.js'
import { enrolmentRoutes } from './enrolment-routes.js'

const nothing = '00000000-0000-4000-8000-000000000000'
const asset = (row: number, tenant = 1): string => demoId('sec.assets', tenant, row)

let api: ApiCaller
beforeAll(async () => {
  api = await openApiCaller([...assetRoutes, ...enrolmentRoutes])
})
afterAll(() => api.close())

async function topics(): Promise<string[]> {
  const { rows } = await api.database.admin.query<{ topic: string }>(
    'select topic from ops.outbox where tenant_id = $1 order by position',
    [demo.tenants.security],
  )
  return rows.map(({ topic }) => topic)
}

describe('assets', () => {
  it.each([
    ['displayName', 'displayName'],
    ['createdAt', 'createdAt'],
  ])('are paged by %s without a gap or a repetition', async (sort, field) => {
    const seen: string[] = []
    let after = ''
    do {
      const { status, items, body } = await api.call(
        'securityAdmin',
        'GET',
        `/assets?limit=1&sort=${sort}${after}`,
      )
      expect(status).toBe(200)
      seen.push(...items.map((item) => String(item[field]).toLowerCase()))
      after = typeof body['next'] === 'string' ? `&after=${body['next']}` : ''
    } while (after !== '')
    expect(seen).toHaveLength(4)
    expect(seen).toEqual([...seen].sort())
  })

  it('refuses the cursor of another order and forged ones', async () => {
    const page = await api.call('securityAdmin', 'GET', '/assets?limit=1&sort=displayName')
    const forged = Buffer.from(`["-createdAt","tomorrow","${nothing}"]`).toString('base64url')
    for (const after of [String(page.body['next']), forged, 'x']) {
      const reply = await api.call('securityAdmin', 'GET', `/assets?after=${after}`)
      expect(reply).toMatchObject({ status: 400, pointers: ['/query/after'] })
    }
  })

  it.each([
    ['status=pending', [asset(4)]],
    ['kind=camera', [asset(3)]],
    ['tag=backup', [asset(2)]],
    ['search=MAIN', [asset(1)]],
    [`orgUnitId=${demo.orgUnits.security.southSite}`, [asset(2)]],
    ['search=%25', []],
  ])('are found by %s', async (filter, ids) => {
    const { items } = await api.call('securityAdmin', 'GET', `/assets?${filter}`)
    expect(items.map(({ id }) => id)).toEqual(ids)
  })

  it('are entered as pending where the caller works, changed, approved and retired', async () => {
    const created = await api.call('securityManager', 'POST', '/assets', {
      hostname: 'gate-9',
      kind: 'camera',
      address: '10.4.0.9',
      attributes: { floor: 2 },
    })
    expect(created).toMatchObject({
      status: 201,
      body: {
        status: 'pending',
        orgUnitId: demo.orgUnits.security.northSite,
        displayName: 'gate-9',
        attributes: { floor: 2 },
      },
    })
    const path = `/assets/${String(created.body['id'])}`
    const changed = await api.call('securityManager', 'PATCH', path, {
      label: 'Gate nine',
      address: null,
    })
    expect(changed).toMatchObject({
      status: 200,
      body: { displayName: 'Gate nine', address: null, kind: 'camera', attributes: { floor: 2 } },
    })
    const approved = await api.call('securityManager', 'POST', `${path}/approve`)
    expect(approved.body).toMatchObject({
      status: 'approved',
      approvedBy: demo.users.securityManager,
    })
    expect((await api.call('securityManager', 'POST', `${path}/approve`)).status).toBe(409)
    expect((await api.call('securityManager', 'POST', `${path}/retire`)).status).toBe(200)
    expect((await api.call('securityManager', 'POST', `${path}/retire`)).status).toBe(409)
    expect((await api.call('securityManager', 'PATCH', path, { label: 'x' })).status).toBe(409)
    const again = { hostname: 'gate-9', kind: 'server' }
    expect((await api.call('securityAdmin', 'POST', '/assets', again)).status).toBe(201)
    expect((await api.call('securityAdmin', 'POST', '/assets', again)).status).toBe(409)
    expect(await topics()).toEqual(
      expect.arrayContaining(['asset.registered', 'asset.approved', 'asset.retired']),
    )
  })

  it('can be turned down before anybody approved of them', async () => {
    const created = await api.call('securityAdmin', 'POST', '/assets', {
      hostname: 'stranger',
      kind: 'server',
    })
    const reply = await api.call(
      'securityAdmin',
      'POST',
      `/assets/${String(created.body['id'])}/retire`,
    )
    expect(reply).toMatchObject({ status: 200, body: { status: 'retired', approvedAt: null } })
  })

  it('keeps names of tenants apart', async () => {
    const reply = await api.call('schoolAdmin', 'POST', '/assets', {
      hostname: 'gate-9',
      kind: 'server',
    })
    expect(reply.status).toBe(201)
  })

  it.each([
    ['another tenant', asset(1, 2)],
    ['another org unit', asset(2)],
    ['nobody', nothing],
  ])('of %s are not there', async (_whose, id) => {
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { label: 'taken' }],
      ['POST', '/approve', undefined],
      ['POST', '/retire', undefined],
    ] as const) {
      const reply = await api.call('securityManager', method, `/assets/${id}${path}`, body)
      expect(reply).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    }
  })

  it.each([
    ['another site', demo.orgUnits.security.southSite],
    ['another tenant', demo.orgUnits.school.science],
    ['nobody', nothing],
  ])('cannot be put into the org unit of %s', async (_whose, orgUnitId) => {
    const body = { hostname: 'elsewhere', kind: 'server', orgUnitId }
    const reply = await api.call('securityManager', 'POST', '/assets', body)
    expect(reply).toMatchObject({ status: 400, pointers: ['/body/orgUnitId'] })
  })

  it('points at what is wrong with an asset', async () => {
    const { status, pointers } = await api.call('securityAdmin', 'POST', '/assets', {
      hostname: 'Upper',
      kind: 'toaster',
      address: '10.1',
      hardwareAddress: 'x',
      serialNumber: 'a\u0000b',
      attributes: { 'no name': 1 },
      tenantId: demo.tenants.school,
    })
    expect(status).toBe(400)
    expect(pointers).toEqual([
      '/body/address',
      '/body/attributes/no name',
      '/body/hardwareAddress',
      '/body/hostname',
      '/body/kind',
      '/body/serialNumber',
      '/body/tenantId',
    ])
    expect((await api.call('securityAdmin', 'PATCH', `/assets/${asset(1)}`, {})).status).toBe(400)
  })

  it('refuses changes by who may only read', async () => {
    const body = { hostname: 'analyst', kind: 'server' }
    expect((await api.call('securityAnalyst', 'POST', '/assets', body)).status).toBe(403)
    expect((await api.call('securityAnalyst', 'GET', `/assets/${asset(2)}`)).status).toBe(200)
  })
})

describe('enrolment', () => {
  async function makeToken(maxUses = 1): Promise<{ id: string; secret: string }> {
    const body = { label: 'Batch', maxUses, orgUnitId: demo.orgUnits.security.controlRoom }
    const reply = await api.call('securityManager', 'POST', '/enrolment-tokens', body)
    expect(reply).toMatchObject({ status: 201, body: { uses: 0, maxUses, revokedAt: null } })
    return { id: String(reply.body['id']), secret: String(reply.body['secret']) }
  }
  let machines = 0
  const enrol = (secret: string): ReturnType<ApiCaller['call']> =>
    api.call(null, 'POST', '/public/enrolments', {
      secret,
      hostname: `machine-${String((machines += 1))}`,
      kind: 'workstation',
    })

  it('shows the secret once and keeps its hash alone', async () => {
    const { id, secret } = await makeToken()
    const { items } = await api.call('securityManager', 'GET', '/enrolment-tokens')
    expect(items.map((item) => item['id'])).toContain(id)
    expect(JSON.stringify(items)).not.toContain(secret)
    expect(JSON.stringify(items)).not.toContain('hash')
    const { rows } = await api.database.admin.query(
      'select from sec.enrollment_tokens where token_hash = sha256(convert_to($1, $2))',
      [secret, 'UTF8'],
    )
    expect(rows).toHaveLength(1)
  })

  it('registers a pending asset in the org unit of the token, without signing in', async () => {
    const { secret } = await makeToken()
    const { status, body } = await enrol(secret)
    expect(status).toBe(201)
    const seen = await api.call('securityManager', 'GET', `/assets/${String(body['id'])}`)
    expect(seen.body).toMatchObject({
      status: 'pending',
      orgUnitId: demo.orgUnits.security.controlRoom,
    })
    expect((await enrol(secret)).status).toBe(404)
  })

  it('lets as many in as a token has uses when many come at once', async () => {
    const { id, secret } = await makeToken(3)
    const replies = await Promise.all(Array.from({ length: 12 }, () => enrol(secret)))
    const statuses = replies.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(3)
    expect(statuses.filter((status) => status === 404)).toHaveLength(9)
    const { items } = await api.call('securityManager', 'GET', '/enrolment-tokens?usable=false')
    expect(items.find((item) => item['id'] === id)).toMatchObject({ uses: 3 })
  })

  it('keeps the use of a token whose machine was refused', async () => {
    const { secret } = await makeToken()
    const body = { secret, hostname: 'files-1', kind: 'server' }
    expect((await api.call(null, 'POST', '/public/enrolments', body)).status).toBe(409)
    expect((await enrol(secret)).status).toBe(201)
  })

  it('ends with the token', async () => {
    const { id, secret } = await makeToken(5)
    const revoke = `/enrolment-tokens/${id}/revoke`
    expect((await api.call('securityAnalyst', 'POST', revoke)).status).toBe(403)
    expect((await api.call('schoolAdmin', 'POST', revoke)).status).toBe(404)
    const { body } = await api.call('securityManager', 'POST', revoke)
    expect(await api.call('securityManager', 'POST', revoke)).toMatchObject({ status: 200, body })
    expect((await enrol(secret)).status).toBe(404)
  })

  it('answers every secret that does not work alike', async () => {
    const { secret } = await makeToken()
    const expired = await makeToken()
    await api.database.admin.query(
      `update sec.enrollment_tokens
       set created_at = now() - interval '2 days', expires_at = now() - interval '1 day'
       where id = $1`,
      [expired.id],
    )
    const ofSchool = secret.replace(
      /_[0-9a-f]{32}_/,
      `_${demo.tenants.school.replaceAll('-', '')}_`,
    )
    const unknown = `${secret.slice(0, -4)}AAAA`
    const replies = await Promise.all(
      [ofSchool, unknown, expired.secret, 'wte_nonsense'].map((each) => enrol(each)),
    )
    const bodies = new Set(replies.map(({ body }) => JSON.stringify(body)))
    expect([...bodies]).toHaveLength(1)
    expect(replies[0]).toMatchObject({ status: 404, body: { detail: 'no such object' } })
    expect((await enrol(secret)).status).toBe(201)
  })
})
