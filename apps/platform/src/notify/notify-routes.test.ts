import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { demo, demoId } from '../demo-data/index.js'
import { notifyRoutes } from './notify-routes.js'

const systemTemplate = (row: number): string => demoId('notify.system_templates', 0, row)
const template = (row: number, tenant = 1): string => demoId('notify.templates', tenant, row)
const message = (row: number, tenant = 1): string => demoId('notify.notification_logs', tenant, row)
const nothing = '00000000-0000-4000-8000-000000000000'

let api: ApiCaller
beforeAll(async () => {
  api = await openApiCaller(notifyRoutes)
})
afterAll(() => api.close())

describe('templates', () => {
  const path = (row: number): string =>
    `/notifications/system-templates/${systemTemplate(row)}/override`

  it('are the defaults of the platform, in the order of their keys', async () => {
    const first = await api.call('securityAdmin', 'GET', '/notifications/system-templates?limit=1')
    expect(first.items).toMatchObject([{ key: 'alert.raised' }])
    const after = String(first.body['next'])
    const second = await api.call(
      'securityAdmin',
      'GET',
      `/notifications/system-templates?limit=1&after=${after}`,
    )
    expect(second.items).toMatchObject([{ key: 'registration.confirmed' }])
    expect(second.body['next']).toBeNull()
  })

  it('get versions, of which one is live, and go back to the default', async () => {
    const body = { subject: 'Look at {{title}}', body: '{{title}}, {{ time }}' }
    const made = await api.call('securityAdmin', 'PUT', path(2), body)
    expect(made).toMatchObject({ status: 200, body: { version: 3, archivedAt: null } })
    const all = `/notifications/templates?systemTemplateId=${systemTemplate(2)}`
    const versions = await api.call('securityAdmin', 'GET', all)
    expect(versions.items.map(({ version }) => version)).toEqual([3, 2])
    const live = await api.call('securityAdmin', 'GET', `${all}&archived=false`)
    expect(live.items.map(({ id }) => id)).toEqual([made.body['id']])
    expect((await api.call('securityAdmin', 'DELETE', path(2))).status).toBe(204)
    expect((await api.call('securityAdmin', 'DELETE', path(2))).status).toBe(404)
    expect((await api.call('securityAdmin', 'GET', `${all}&archived=false`)).items).toEqual([])
    const other = await api.call('schoolAdmin', 'GET', `/notifications/templates/${template(2, 2)}`)
    expect(other.body).toMatchObject({ version: 2, archivedAt: null })
  })

  it('have one live version and no gap when many write at once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        api.call('eventsAdmin', 'PUT', path(1), { body: `Text ${String(index)}` }),
      ),
    )
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    const { rows } = await api.database.admin.query<{ version: number; live: boolean }>(
      `select version, archived_at is null as live from notify.templates
       where tenant_id = $1 and system_template_id = $2 order by version`,
      [demo.tenants.events, systemTemplate(1)],
    )
    expect(rows.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(rows.filter(({ live }) => live)).toMatchObject([{ version: 7 }])
  })

  it('name placeholders that nothing would be put in for', async () => {
    const body = { subject: '{{password}}', body: '{{title}} {{token}} {{token}}' }
    const reply = await api.call('securityAdmin', 'PUT', path(2), body)
    expect(reply).toMatchObject({ status: 400, pointers: ['/body/body', '/body/subject'] })
  })

  it('of another tenant are not there, and managers do not see any', async () => {
    const foreign = `/notifications/templates/${template(1, 2)}`
    expect((await api.call('securityAdmin', 'GET', foreign)).status).toBe(404)
    expect((await api.call('securityManager', 'GET', '/notifications/templates')).status).toBe(403)
    const unknown = `/notifications/system-templates/${nothing}/override`
    expect((await api.call('securityAdmin', 'PUT', unknown, { body: 'x' })).status).toBe(404)
  })
})

describe('the log', () => {
  it.each([
    ['status=bounced', [2]],
    ['channel=sms', []],
    [`recipientId=${demo.users.securityAdmin}`, [3]],
  ])('is searched by %s', async (filter, rows) => {
    const { items } = await api.call('securityAdmin', 'GET', `/notifications/log?${filter}`)
    expect(items.map(({ id }) => id)).toEqual(rows.map((row) => message(row)))
  })

  it('shows the text of a message of the own tenant alone', async () => {
    const own = await api.call('securityAdmin', 'GET', `/notifications/log/${message(1)}`)
    expect(own.body).toMatchObject({ body: 'Text for a recipient of security.' })
    const foreign = await api.call('securityAdmin', 'GET', `/notifications/log/${message(1, 2)}`)
    expect(foreign.status).toBe(404)
    const lower = await api.call('securityAnalyst', 'GET', `/notifications/log/${message(1)}`)
    expect(lower.status).toBe(403)
  })
})

describe('preferences', () => {
  const path = '/notifications/preferences'

  it('are those of the caller, set, changed and taken back', async () => {
    const before = await api.call('securityAnalyst', 'GET', path)
    expect(before.items).toMatchObject([
      { topic: 'events', channel: 'email', quietHours: { from: 0, until: 7 } },
    ])
    const at = `${path}/alert.raised/push`
    const body = { isEnabled: true, quietHours: { from: 20, until: 24 } }
    const set = await api.call('securityAnalyst', 'PUT', at, body)
    expect(set).toMatchObject({ status: 200, body })
    const off = await api.call('securityAnalyst', 'PUT', at, { isEnabled: false })
    expect(off.body).toMatchObject({ isEnabled: false, quietHours: null })
    expect((await api.call('securityAdmin', 'GET', path)).items).toMatchObject([
      { topic: 'digest' },
    ])
    expect((await api.call('securityAdmin', 'DELETE', at)).status).toBe(404)
    expect((await api.call('securityAnalyst', 'DELETE', at)).status).toBe(204)
    expect((await api.call('securityAnalyst', 'GET', path)).items).toHaveLength(1)
  })

  it('of the same person in another tenant are others', async () => {
    await api.call('schoolClassmate', 'PUT', `${path}/exams/email`, { isEnabled: true })
    const { items } = await api.call('eventsStaff', 'GET', path)
    expect(items.map(({ topic }) => topic)).not.toContain('exams')
  })

  it('point at channels, topics and hours that are none', async () => {
    const reply = await api.call('securityAnalyst', 'PUT', `${path}/Alerts!/pigeon`, {
      isEnabled: true,
      quietHours: { from: 22, until: 7 },
    })
    expect(reply.pointers).toEqual(['/body/quietHours/until', '/params/channel', '/params/topic'])
  })
})
