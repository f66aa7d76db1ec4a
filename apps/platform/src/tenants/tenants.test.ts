import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTenantContext } from 'watertight/runtime'
import type { TenantContext } from 'watertight/runtime'
import { eraseTenant, exportTenant, isGenuineReport } from 'watertight/tenants'
import { openApiCaller } from '../../test/api-caller.js'
import type { ApiCaller, ApiReply } from '../../test/api-caller.js'
import { roleUrls } from '../../test/role-urls.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo, demoId } from '../demo-data/index.js'
import { keyRoutes } from '../keys/key-routes.js'
import { securityRoutes } from '../security/security-routes.js'
import { erasureFacts } from './erasure-facts.js'
import { lifecycleRoutes } from './routes.js'

let api: ApiCaller
let opened: OpenTxManager
beforeAll(async () => {
  api = await openApiCaller([...lifecycleRoutes, ...keyRoutes, ...securityRoutes])
  opened = await openTxManager(roleUrls(api.database), api.database.signingKey, 2)
})
afterAll(async () => {
  await opened.close()
  await api.close()
})

const asStaff = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<ApiReply> => api.call('platformWithoutGrant', method, `/platform${path}`, body)

async function rows<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await api.database.admin.query(text, values)).rows as Row[]
}

const acme = {
  slug: 'acme-metals',
  name: 'Acme Metals',
  adminEmail: 'Ines@Acme.Example',
} as const

describe('platform staff', () => {
  it('list tenants page by page, and nobody else does', async () => {
    const first = await asStaff('GET', '/tenants?limit=2')
    expect(first.status).toBe(200)
    const next = String(first.body['next'])
    const second = await asStaff('GET', `/tenants?limit=2&after=${next}`)
    const names = [...first.items, ...second.items].map((item) => item['name'])
    expect(names.toSorted()).toEqual(['Harbour Events', 'Lindenhof School', 'Northgate Security'])
    for (const actor of ['schoolAdmin', 'auditorLive'] as const) {
      expect((await api.call(actor, 'GET', '/platform/tenants')).status).toBe(403)
    }
    expect((await api.call(null, 'GET', '/platform/tenants')).status).toBe(401)
  })

  it('make a tenant with root unit, keys and an invitation, all in its own name', async () => {
    const made = await asStaff('POST', '/tenants', acme)
    expect(made).toMatchObject({ status: 201, body: { slug: 'acme-metals', status: 'active' } })
    expect(made.body['invitationToken']).toMatch(/^inv_/)
    const id = String(made.body['id'])
    expect(
      await rows('select slug, is_hidden_root from core.org_units where tenant_id = $1', [id]),
    ).toEqual([{ slug: 'root', is_hidden_root: true }])
    expect(
      await rows(
        `select purpose::text as purpose, state::text as state from core.encryption_keys
         where tenant_id = $1 order by 1`,
        [id],
      ),
    ).toEqual(
      ['credentials', 'evidence', 'exports'].map((purpose) => ({ purpose, state: 'active' })),
    )
    expect(
      await rows(
        'select email::text as email, role::text as role from core.invitations where tenant_id = $1',
        [id],
      ),
    ).toEqual([{ email: 'ines@acme.example', role: 'tenant_admin' }])
    expect(
      await rows('select action, actor_role from ops.audit_log where tenant_id = $1', [id]),
    ).toEqual([{ action: 'tenant.create', actor_role: 'platform' }])
  })

  it('are told that a short name is taken', async () => {
    const again = await asStaff('POST', '/tenants', { ...acme, name: 'Another' })
    const errors = [{ pointer: '/body/slug', detail: 'is taken already' }]
    expect(again).toMatchObject({ status: 409, body: { code: 'CONFLICT', errors } })
    const [count] = await rows<{ count: number }>(
      `select count(*)::int as count from core.tenants where name = 'Another'`,
    )
    expect(count).toEqual({ count: 0 })
  })

  it.each([
    ['a name that is none', { ...acme, name: ' ' }, '/body/name'],
    ['an address that is none', { ...acme, adminEmail: 'ines' }, '/body/adminEmail'],
    ['a short name with a blank', { ...acme, slug: 'a b' }, '/body/slug'],
    ['an unknown field', { ...acme, owner: 'x' }, '/body/owner'],
  ])('are refused %s', async (_what, body, pointer) => {
    expect(await asStaff('POST', '/tenants', body)).toMatchObject({
      status: 400,
      pointers: [pointer],
    })
  })

  it('see one tenant, which the tenant sees in its log', async () => {
    const path = `/tenants/${demo.tenants.school}`
    expect(await asStaff('GET', path)).toMatchObject({
      status: 200,
      body: { name: 'Lindenhof School', legalHold: null },
    })
    const log = await rows<{ action: string; actor_id: string }>(
      `select action, actor_id from ops.audit_log where tenant_id = $1
       order by chain_position desc limit 1`,
      [demo.tenants.school],
    )
    expect(log).toEqual([{ action: 'tenant.view', actor_id: demo.users.platformSupport }])
    const unknown = await asStaff('GET', '/tenants/00000000-0000-4000-8000-000000000000')
    expect(unknown).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
  })
})

describe('a suspended tenant', () => {
  const path = `/tenants/${demo.tenants.school}`

  it('is closed by the database until it is resumed, and can be worked on by jobs', async () => {
    expect((await api.call('schoolAdmin', 'GET', '/keys')).status).toBe(200)
    expect(await asStaff('POST', `${path}/suspend`)).toMatchObject({
      status: 200,
      body: { status: 'suspended' },
    })
    expect((await asStaff('POST', `${path}/suspend`)).status).toBe(409)
    expect((await api.call('schoolAdmin', 'GET', '/keys')).status).not.toBe(200)
    // The API is not asked: a properly signed context of a member gets nothing.
    const member = opened.tx.query(demoContext(), 'select from core.org_units')
    expect((await member).rows).toEqual([])
    const job = api.worker(demo.tenants.school).query('select from core.org_units')
    expect((await job).rows).not.toEqual([])
    expect((await asStaff('POST', `${path}/resume`)).body).toMatchObject({
      status: 'active',
      suspendedAt: null,
    })
    expect((await asStaff('POST', `${path}/resume`)).status).toBe(409)
    expect((await api.call('schoolAdmin', 'GET', '/keys')).status).toBe(200)
  })

  it('would not be closed if the layer did not ask', async () => {
    const { admin } = api.database
    await admin.query(
      `update core.tenants set status = 'suspended', suspended_at = now() where id = $1`,
      [demo.tenants.school],
    )
    await admin.query('alter table core.org_units disable row level security')
    const { rows: seen } = await opened.tx.query(demoContext(), 'select from core.org_units')
    expect(seen).not.toEqual([])
    await admin.query('alter table core.org_units enable row level security')
    await admin.query(
      `update core.tenants set status = 'active', suspended_at = null where id = $1`,
      [demo.tenants.school],
    )
  })
})

describe('requests for organisations', () => {
  const wanted = { organizationName: 'Choir of Lindenhof', slug: 'choir', message: 'Forty voices.' }
  const ask = (body: object = wanted): Promise<ApiReply> =>
    api.call('schoolPupil', 'POST', '/organization-requests', body)

  it('are made one at a time, seen by their author and taken back', async () => {
    const made = await ask()
    expect(made).toMatchObject({ status: 201, body: { status: 'pending' } })
    expect((await ask()).status).toBe(409)
    const own = await api.call('schoolPupil', 'GET', '/organization-requests')
    expect(own.items.map((item) => item['id'])).toEqual([made.body['id']])
    const path = `/organization-requests/${String(made.body['id'])}`
    expect((await api.call('schoolAdmin', 'GET', '/organization-requests')).items).toEqual([])
    expect((await api.call('schoolAdmin', 'DELETE', path)).status).toBe(404)
    expect((await api.call('schoolPupil', 'DELETE', path)).status).toBe(204)
    expect((await api.call('schoolPupil', 'DELETE', path)).status).toBe(404)
  })

  it('are approved by staff, which makes the tenant once, whatever fails half-way', async () => {
    const { body } = await ask({ ...wanted, slug: 'northgate-security' })
    const path = `/organization-requests/${String(body['id'])}`
    expect((await api.call('schoolAdmin', 'POST', `/platform${path}/approve`, {})).status).toBe(403)
    // The name is taken: the request is approved, and approving again takes another name.
    expect(await asStaff('POST', `${path}/approve`, {})).toMatchObject({
      status: 409,
      body: { errors: [{ pointer: '/body/slug' }] },
    })
    const made = await asStaff('POST', `${path}/approve`, { slug: 'lindenhof-choir' })
    expect(made).toMatchObject({
      status: 200,
      body: { id: body['id'], slug: 'lindenhof-choir', name: 'Choir of Lindenhof' },
    })
    expect(made.body['invitationToken']).toMatch(/^inv_/)
    const again = await asStaff('POST', `${path}/approve`, {})
    expect(again).toMatchObject({ status: 200, body: { invitationToken: null } })
    const own = await api.call('schoolPupil', 'GET', '/organization-requests')
    expect(own.items[0]).toMatchObject({ status: 'approved' })
    expect((await asStaff('POST', `${path}/reject`, { note: 'late' })).status).toBe(409)
    const withdrawal = await api.call('schoolPupil', 'DELETE', path)
    expect(withdrawal.status).toBe(409)
  })

  it('are rejected with a reason, which their author reads', async () => {
    const { body } = await ask()
    const path = `/organization-requests/${String(body['id'])}`
    expect((await asStaff('POST', `${path}/reject`, {})).status).toBe(400)
    const note = 'Use the tenant of the school.'
    expect(await asStaff('POST', `${path}/reject`, { note })).toMatchObject({
      status: 200,
      body: { status: 'rejected', requestedBy: demo.users.schoolPupil },
    })
    expect((await asStaff('POST', `${path}/approve`, {})).status).toBe(409)
    const own = await api.call('schoolPupil', 'GET', '/organization-requests')
    expect(own.items[0]).toMatchObject({ status: 'rejected', decisionNote: note })
    const pending = await asStaff('GET', '/organization-requests?status=pending')
    expect(pending.items.map((item) => item['organizationName'])).toEqual(['Tanaka Concerts'])
  })

  it('are not decided by the one who asked', async () => {
    const asking = { organizationName: 'Shadow IT', slug: 'shadow-it' }
    const { body } = await api.call(
      'platformWithoutGrant',
      'POST',
      '/organization-requests',
      asking,
    )
    const path = `/organization-requests/${String(body['id'])}`
    expect((await asStaff('POST', `${path}/approve`, {})).status).toBe(409)
  })
})

describe('leaving the platform', () => {
  const { security } = demo.tenants

  it('takes every row of the tenant along, and no other', async () => {
    const { model } = api.database
    const files = new Map<string, string>()
    const manifest = await exportTenant(opened.tx, {
      model,
      tenantId: security,
      sink: {
        async open(name) {
          return {
            async write(text) {
              files.set(name, (files.get(name) ?? '') + text)
            },
            async close() {},
          }
        },
      },
    })
    const text = [...files.values()].join('')
    expect(text).not.toContain(demo.tenants.school)
    expect(text).not.toContain(demo.tenants.events)
    const dry = await eraseTenant(api.database.admin, {
      model,
      tenantId: security,
      facts: erasureFacts,
      confirm: '',
      isDryRun: true,
    })
    const counted = new Map(dry.tables.map(({ table, before }) => [table, before]))
    expect(manifest.tables.map(({ table, rows: count }) => [table, count])).toEqual(
      manifest.tables.map(({ table }) => [table, counted.get(table)]),
    )
    expect(manifest.tables.length).toBe(dry.tables.length)
  })

  it('is refused under legal hold, which staff place and release', async () => {
    const path = `/tenants/${security}/legal-hold`
    const reason = 'Case 7-2026'
    expect(await asStaff('PUT', path, { reason })).toMatchObject({
      status: 200,
      body: { legalHold: { reason } },
    })
    expect((await asStaff('PUT', path, { reason })).status).toBe(409)
    const erasing = eraseTenant(api.database.admin, {
      model: api.database.model,
      tenantId: security,
      facts: erasureFacts,
      confirm: 'Northgate Security',
    })
    await expect(erasing).rejects.toMatchObject({ code: 'LEGAL_HOLD' })
    const careless = eraseTenant(api.database.admin, {
      model: api.database.model,
      tenantId: security,
      facts: async () => ({ name: 'Northgate Security', legalHold: null }),
      confirm: 'Northgate Security',
    })
    await expect(careless).rejects.toMatchObject({ code: 'ERASURE_INCOMPLETE', sqlState: '23001' })
    expect((await asStaff('DELETE', path)).body).toMatchObject({ legalHold: null })
    expect((await asStaff('DELETE', path)).status).toBe(409)
  })

  it('leaves nothing of the tenant anywhere, and the others as they were', async () => {
    const others = async (): Promise<unknown> =>
      rows(
        `select (select count(*) from sec.assets where tenant_id <> $1)::int as assets,
           (select count(*) from ops.audit_log where tenant_id <> $1)::int as audit,
           (select count(*) from core.users)::int as users,
           (select count(*) from eval.submissions where tenant_id <> $1)::int as submissions`,
        [security],
      )
    const before = await others()
    const report = await eraseTenant(api.database.admin, {
      model: api.database.model,
      tenantId: security,
      facts: erasureFacts,
      confirm: 'Northgate Security',
      search: 'everything',
    })
    expect(isGenuineReport(report)).toBe(true)
    expect(report.tables.filter(({ deleted, after }) => deleted === 0 || after > 0)).toEqual([])
    expect(report.remaining.filter(({ rows: left }) => left > 0)).toEqual([])
    expect(report.remaining.length).toBeGreaterThan(50)
    expect(await others()).toEqual(before)
    expect((await asStaff('GET', `/tenants/${security}`)).status).toBe(404)
    const asset = demoId('sec.assets', 1, 1)
    expect((await api.call('securityAdmin', 'GET', `/assets/${asset}`)).status).toBe(404)
  })
})

function demoContext(): TenantContext {
  return parseTenantContext({
    mode: 'member',
    tenantId: demo.tenants.school,
    userId: demo.users.schoolAdmin,
    orgScope: 'all',
  })
}
