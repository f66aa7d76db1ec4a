import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import type { Route } from '../api/route.js'
import { demo, demoId } from '../demo-data/index.js'
import type { DemoTable } from '../demo-data/demo-id.js'
import { mediaRoutes } from '../media/media-routes.js'
import { notifyRoutes } from '../notify/notify-routes.js'
import { securityRoutes } from './security-routes.js'

const routes: readonly Route[] = [...securityRoutes, ...notifyRoutes, ...mediaRoutes]

let api: ApiCaller
beforeAll(async () => {
  api = await openApiCaller(routes)
})
afterAll(() => api.close())

/** The parameter of each path, and the table whose rows it names. */
const tables: Readonly<Record<string, DemoTable>> = {
  assetId: 'sec.assets',
  alertId: 'sec.alerts',
  ticketId: 'sec.tickets',
  destinationId: 'sec.integration_destinations',
  deliveryId: 'sec.deliveries',
  evidenceId: 'sec.evidence',
  exportId: 'sec.exports',
  templateId: 'notify.templates',
  notificationId: 'notify.notification_logs',
  fileId: 'media.files',
}
const shared: Readonly<Record<string, DemoTable>> = {
  frameworkId: 'sec.frameworks',
  controlId: 'sec.controls',
}

/** The path with the ids of a tenant's first rows. */
function pathOf({ path }: Route, tenant: number): string {
  return path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const table = tables[name]
    if (table !== undefined) return demoId(table, tenant, 1)
    const global = shared[name]
    if (global === undefined) throw new Error(`no demo row for ${name}`)
    return demoId(global, 0, 1)
  })
}

const openToAuditors = routes.filter(
  ({ access }) => access.kind === 'tenant' && access.auditor === true,
)
const inJson = openToAuditors.filter(({ reply }) => reply.contentType === undefined)

/** What must be nothing for an auditor, wherever it stands in a reply. */
const redacted: readonly string[] = [
  'address',
  'hardwareAddress',
  'serialNumber',
  'attributes',
  'detail',
  'externalReference',
  'url',
  'hint',
  'payload',
  'responseExcerpt',
  'error',
  'storageReference',
  'excerpt',
  'originalName',
  'recipientAddress',
  'subject',
  'body',
]

/** Templates are the tenant's words, not a person's: auditors read them. */
const unredacted = /template/i

function leaks(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    redacted.includes(key) && inner !== null ? [key] : leaks(inner),
  )
}

describe('an auditor in a live window', () => {
  it.each(inJson.map((route) => [route.id, route] as const))(
    'reads %s without what is redacted, and the tenant can see that',
    async (id, route) => {
      const { status, body } = await api.call('auditorLive', 'GET', pathOf(route, 1))
      expect(status).toBe(200)
      expect(unredacted.test(id) ? [] : leaks(body)).toEqual([])
      const { rows } = await api.database.admin.query<{ actor_role: string }>(
        `select actor_role from ops.audit_log where tenant_id = $1 and actor_id = $2
         and occurred_at > now() - interval '1 minute'`,
        [demo.tenants.security, demo.users.auditor],
      )
      expect(rows.length).toBeGreaterThan(0)
    },
  )

  it.each(inJson.map((route) => [route.id, route] as const))(
    'reads %s of no other tenant',
    async (_id, route) => {
      const path = pathOf(route, 2)
      const { status, items } = await api.call('auditorLive', 'GET', path)
      const isNamed = path !== route.path && !/\{(framework|control)Id\}/.test(route.path)
      expect(status).toBe(isNamed ? 404 : 200)
      const foreign = items.filter((item) => String(item['id']).startsWith('00000002-'))
      expect(foreign).toEqual([])
    },
  )

  it('shows that the check would find a leak', async () => {
    const { body } = await api.call('securityAdmin', 'GET', `/assets/${demoId('sec.assets', 1, 1)}`)
    expect(leaks(body)).toContain('serialNumber')
  })

  it('writes nothing', async () => {
    const asset = `/assets/${demoId('sec.assets', 1, 4)}/approve`
    expect((await api.call('auditorLive', 'POST', asset)).status).toBe(403)
    expect((await api.call('auditorLive', 'GET', '/notifications/preferences')).status).toBe(403)
  })
})

describe('platform support with a grant to read', () => {
  const open = routes.filter(({ access }) => access.kind === 'tenant' && access.support === true)
  const readable = open.filter(
    ({ method, reply }) => method === 'GET' && reply.contentType === undefined,
  )

  it.each(readable.map((route) => [route.id, route] as const))('reads %s', async (_id, route) => {
    const { status } = await api.call('platformReadOnly', 'GET', pathOf(route, 1))
    expect(status).toBe(200)
  })

  it('writes nothing', async () => {
    const asset = `/assets/${demoId('sec.assets', 1, 4)}/approve`
    expect((await api.call('platformReadOnly', 'POST', asset)).status).toBe(403)
  })
})

describe('every operation of these packs', () => {
  const ofTenant = routes.filter(({ access }) => access.kind === 'tenant')

  it('that changes something is audited', () => {
    const silent = routes.filter(({ method, audit }) => method !== 'GET' && audit === undefined)
    expect(silent.map(({ id }) => id)).toEqual([])
  })

  it('of a tenant wants a token', async () => {
    const statuses = await Promise.all(
      ofTenant.map(async (route) => {
        const path = route.path.replaceAll(/\{\w+\}/g, demoId('sec.assets', 1, 1))
        return (await api.call(null, route.method, path, route.input.body && {})).status
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([401]))
  })
})
