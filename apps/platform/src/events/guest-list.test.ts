import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller, ApiReply } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { demo } from '../demo-data/index.js'
import { eventsRoutes } from './routes.js'

let api: ApiCaller
let eventId: string

const guests = 130

const fill = `
insert into evt.registrations (tenant_id, org_unit_id, event_id, ticket_type_id, attendee_name,
  attendee_email, state, code, registered_at, confirmed_at, cancelled_at)
select e.tenant_id, e.org_unit_id, e.id, t.id,
  case n when 1 then '=HYPERLINK("http://x")' when 2 then 'Smith, Bob' else 'Guest ' || n end,
  'g' || n || '@guests.example', (case when n > 120 then 'cancelled' else 'confirmed' end)::evt.registration_state,
  'GUEST' || lpad(n::text, 3, '0'), now() - make_interval(mins => 1000 - n), now(),
  case when n > 120 then now() end
from evt.events e join evt.ticket_types t on t.event_id = e.id, generate_series(1, $2::int) n
where e.id = $1 and t.id = $3`

beforeAll(async () => {
  api = await openApiCaller(eventsRoutes)
  const startsAt = new Date(Date.now() + 86_400_000).toISOString()
  const endsAt = new Date(Date.now() + 2 * 86_400_000).toISOString()
  const event = { slug: 'guests', title: 'Guests', startsAt, endsAt, capacity: 500 }
  const made = await api.call('schoolAdmin', 'POST', '/events', event)
  eventId = String(made.body['id'])
  const types = `/events/${eventId}/ticket-types`
  const type = await api.call('schoolAdmin', 'POST', types, { name: 'Seat', quantity: 500 })
  const { admin } = api.database
  await admin.query('set session_replication_role = replica')
  await admin.query(fill, [eventId, guests, type.body['id']])
  await admin.query('reset session_replication_role')
})
afterAll(() => api.close())

function read(
  path: string,
  actor: Parameters<ApiCaller['call']>[0] = 'schoolAdmin',
): Promise<ApiReply> {
  return api.call(actor, 'GET', `/events/${eventId}/${path}`)
}

describe('the guest list of an event', () => {
  it('has every guest as CSV, not the first page of them, without formulas', async () => {
    const reply = await read('registrations/export')
    expect([reply.status, reply.type]).toEqual([200, 'text/csv; charset=utf-8'])
    const lines = reply.text.split('\r\n')
    expect(lines).toHaveLength(guests + 2)
    expect(lines[0]).toBe(
      'name,email,ticket_type,state,code,registered_at,confirmed_at,cancelled_at',
    )
    expect(lines[1]).toMatch(/^"'=HYPERLINK\(""http:\/\/x""\)",g1@/)
    expect(lines[2]).toMatch(/^"Smith, Bob",g2@guests\.example,Seat,confirmed,GUEST002,/)
    const sha256 = createHash('sha256').update(reply.text).digest('hex')
    expect(reply.headers['x-content-sha256']).toBe(sha256)
    expect(reply.headers['content-disposition']).toBe('attachment; filename="guests.csv"')
  })

  it('has them as JSON in the order in which they registered, of one state where asked', async () => {
    const { status, body } = await read('guest-list')
    expect([status, body['count'], body['eventId']]).toEqual([200, guests, eventId])
    const all = body['guests'] as { email: string }[]
    expect(all.map(({ email }) => email)).toEqual(
      Array.from({ length: guests }, (_, index) => `g${String(index + 1)}@guests.example`),
    )
    const cancelled = await read('guest-list?state=cancelled')
    expect(cancelled.body['count']).toBe(10)
  })

  it('leaves an entry in the audit log, with the event', async () => {
    await read('guest-list')
    const { rows } = await api.database.admin.query(
      `select action, target_type, target_id, actor_id from ops.audit_log
       where tenant_id = $1 order by chain_position desc limit 1`,
      [demo.tenants.school],
    )
    expect(rows).toEqual([
      {
        action: 'registration.export',
        target_type: 'event',
        target_id: eventId,
        actor_id: demo.users.schoolAdmin,
      },
    ])
  })

  it.each(['registrations/export', 'guest-list'])(
    'is not for members, auditors and other tenants: %s',
    async (path) => {
      expect((await read(path, 'schoolPupil')).status).toBe(403)
      expect((await read(path, 'auditorLive')).status).toBe(403)
      expect((await read(path, 'eventsAdmin')).status).toBe(404)
      expect((await read(`${path}?state=none`)).status).toBe(400)
    },
  )
})
