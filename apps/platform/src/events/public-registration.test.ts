import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller, ApiReply } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { demo } from '../demo-data/index.js'
import { eventsRoutes } from './routes.js'
import { promoteNext } from './waiting.js'

let api: ApiCaller

beforeAll(async () => {
  api = await openApiCaller(eventsRoutes)
})
afterAll(async () => {
  await api.close()
})

interface Page {
  readonly path: string
  readonly eventId: string
  readonly ticketTypeId: string
}

async function publish(slug: string, quantity: number): Promise<Page> {
  const starts = Date.now() + 7 * 86_400_000
  const event = await api.call('eventsManager', 'POST', '/events', {
    slug,
    title: slug,
    startsAt: new Date(starts).toISOString(),
    endsAt: new Date(starts + 3_600_000).toISOString(),
    capacity: 100,
  })
  const eventId = String(event.body['id'])
  const type = await api.call('eventsManager', 'POST', `/events/${eventId}/ticket-types`, {
    name: 'Seat',
    quantity,
  })
  await api.call('eventsManager', 'POST', `/events/${eventId}/publish`)
  const path = `/public/o/harbour-events/e/${slug}`
  return { path, eventId, ticketTypeId: String(type.body['id']) }
}

function ask(page: Page, email: string, change: object = {}): Promise<ApiReply> {
  const body = { name: 'A Visitor', email, ticketTypeId: page.ticketTypeId, ...change }
  return api.call(null, 'POST', `${page.path}/registrations`, body)
}

/** The code that is mailed to the address. */
async function codeOf({ eventId }: Page, email: string): Promise<string> {
  const { rows } = await api.database.admin.query<{ code: string }>(
    `select code from evt.registrations where event_id = $1 and attendee_email = $2
     order by registered_at desc limit 1`,
    [eventId, email],
  )
  return rows[0]?.code ?? ''
}

async function waitlistCodeOf({ eventId }: Page, email: string): Promise<string> {
  const { rows } = await api.database.admin.query<{ code: string }>(
    'select code from evt.waitlist_entries where event_id = $1 and email = $2',
    [eventId, email],
  )
  return rows[0]?.code ?? ''
}

const seen = ({ status, body }: ApiReply): unknown => [status, body]

describe('a registration without a login', () => {
  it('is held, and confirmed or cancelled by the code that only the address gets', async () => {
    const page = await publish('steps', 3)
    const reply = await ask(page, 'Ada@Visitors.example')
    expect(seen(reply)).toEqual([202, { status: 'accepted' }])
    const email = 'ada@visitors.example'
    const code = await codeOf(page, email)
    const confirm = `${page.path}/registrations/confirm`
    for (const proof of [
      { email, code: 'AAAAAAAA' },
      { email: 'eve@visitors.example', code },
    ]) {
      expect((await api.call(null, 'POST', confirm, proof)).status).toBe(404)
    }
    const other = await publish('steps-elsewhere', 1)
    const elsewhere = `${other.path}/registrations/confirm`
    expect((await api.call(null, 'POST', elsewhere, { email, code })).status).toBe(404)
    const confirmed = await api.call(null, 'POST', confirm, { email, code: code.toLowerCase() })
    expect(seen(confirmed)).toEqual([
      200,
      { state: 'confirmed', attendeeName: 'A Visitor', reservedUntil: null },
    ])
    expect((await api.call(null, 'POST', confirm, { email, code })).status).toBe(200)
    const cancel = `${page.path}/registrations/cancel`
    for (let time = 0; time < 2; time += 1) {
      const cancelled = await api.call(null, 'POST', cancel, { email, code })
      expect(cancelled.body['state']).toBe('cancelled')
    }
    const shown = await api.call('eventsManager', 'GET', `/events/${page.eventId}`)
    expect(shown.body['placesTaken']).toBe(0)
  })

  it('is answered alike whether or not the address is registered, with seats and without', async () => {
    const page = await publish('oracle', 1)
    const first = await ask(page, 'known@visitors.example')
    const whileHeld = await ask(page, 'known@visitors.example')
    const stranger = await ask(page, 'stranger@visitors.example')
    // Sold out: the one who is registered and one who is not see the same.
    expect(seen(whileHeld)).toEqual(seen(stranger))
    expect(whileHeld.body).toMatchObject({ status: 409, detail: 'sold out' })
    const path = `/ticket-types/${page.ticketTypeId}`
    await api.call('eventsManager', 'PATCH', path, { quantity: 5 })
    const again = await ask(page, 'known@visitors.example')
    const fresh = await ask(page, 'fresh@visitors.example')
    expect(seen(again)).toEqual(seen(fresh))
    expect(seen(again)).toEqual(seen(first))
    const types = await api.call('eventsManager', 'GET', `/events/${page.eventId}/ticket-types`)
    expect(types.items[0]).toMatchObject({ sold: 2 })
  })

  it('is the same request under its own id, even when it took the last seat', async () => {
    const page = await publish('retry', 1)
    const requestId = randomUUID()
    const first = await ask(page, 'once@visitors.example', { requestId })
    const repeated = await ask(page, 'once@visitors.example', { requestId })
    expect(seen(repeated)).toEqual(seen(first))
    const stranger = { requestId: randomUUID() }
    expect((await ask(page, 'once@visitors.example', stranger)).status).toBe(409)
    expect((await ask(page, 'other@visitors.example', { requestId })).status).toBe(409)
  })

  it('holds a seat no longer than it says, and again when it is asked for again', async () => {
    const page = await publish('late', 1)
    const email = 'late@visitors.example'
    await ask(page, email)
    await api.database.admin.query(
      "update evt.registrations set reserved_until = now() - interval '1 s' where event_id = $1",
      [page.eventId],
    )
    const proof = { email, code: await codeOf(page, email) }
    const confirm = `${page.path}/registrations/confirm`
    expect((await api.call(null, 'POST', confirm, proof)).status).toBe(409)
    await api.call('eventsManager', 'PATCH', `/ticket-types/${page.ticketTypeId}`, { quantity: 2 })
    expect((await ask(page, email)).status).toBe(202)
    expect((await api.call(null, 'POST', confirm, proof)).status).toBe(200)
  })

  it('is of the ticket types that the page shows, for an event that it shows', async () => {
    const page = await publish('shown', 3)
    const types = `/events/${page.eventId}/ticket-types`
    const crew = { name: 'Crew', quantity: 3, isHidden: true }
    const hidden = await api.call('eventsManager', 'POST', types, crew)
    const other = await publish('shown-elsewhere', 3)
    for (const ticketTypeId of [hidden.body['id'], other.ticketTypeId, randomUUID()]) {
      expect((await ask(page, 'a@visitors.example', { ticketTypeId })).status).toBe(404)
    }
    await api.call('eventsManager', 'POST', `/events/${page.eventId}/cancel`)
    expect((await ask(page, 'a@visitors.example')).status).toBe(404)
  })

  it.each([
    [{ email: 'nobody' }, '/body/email'],
    [{ name: '' }, '/body/name'],
    [{ name: 'x'.repeat(201) }, '/body/name'],
    [{ userId: demo.users.eventsAdmin }, '/body/userId'],
    [{ answers: { diet: 'x'.repeat(501) } }, '/body/answers/diet'],
    [{ state: 'confirmed' }, '/body/state'],
  ])('refuses %j', async (change, pointer) => {
    const page = { path: '/public/o/harbour-events/e/summer-party', eventId: '', ticketTypeId: '' }
    const reply = await ask(page, 'a@b.example', { ticketTypeId: randomUUID(), ...change })
    expect([reply.status, reply.pointers]).toEqual([400, [pointer]])
  })

  it('is in the audit log of the tenant, with nobody as its actor', async () => {
    const { rows } = await api.database.admin.query(
      `select actor_role, actor_id from ops.audit_log
       where tenant_id = $1 and action = 'registration.request' limit 1`,
      [demo.tenants.events],
    )
    expect(rows).toEqual([{ actor_role: 'public', actor_id: null }])
  })
})

describe('a waiting list without a login', () => {
  it('is joined when sold out, looked at by code, and its offer taken by the mailed ticket', async () => {
    const page = await publish('waiting', 1)
    const join = (email: string): Promise<ApiReply> =>
      api.call(null, 'POST', `${page.path}/waitlist`, { name: 'W', email })
    expect((await join('early@visitors.example')).status).toBe(409)
    const first = 'first@visitors.example'
    await ask(page, first)
    const taken = { email: first, code: await codeOf(page, first) }
    await api.call(null, 'POST', `${page.path}/registrations/confirm`, taken)
    const waits = 'waits@visitors.example'
    expect(seen(await join(waits))).toEqual([202, { status: 'accepted' }])
    // Alike for who waits already and who is registered.
    expect(seen(await join(waits))).toEqual([202, { status: 'accepted' }])
    expect(seen(await join(first))).toEqual([202, { status: 'accepted' }])
    const proof = { email: waits, code: await waitlistCodeOf(page, waits) }
    const look = (): Promise<ApiReply> =>
      api.call(null, 'POST', `${page.path}/waitlist/place`, proof)
    expect((await look()).body).toMatchObject({ state: 'waiting', position: 1 })
    const wrong = { ...proof, code: '000000000000' }
    expect((await api.call(null, 'POST', `${page.path}/waitlist/place`, wrong)).status).toBe(404)
    await api.call(null, 'POST', `${page.path}/registrations/cancel`, taken)
    await api.worker(demo.tenants.events).run((db) => promoteNext(db, page.ticketTypeId))
    expect((await look()).body).toMatchObject({ state: 'offered', position: null })
    const offer = { email: waits, code: await codeOf(page, waits) }
    const confirm = `${page.path}/registrations/confirm`
    expect((await api.call(null, 'POST', confirm, offer)).body['state']).toBe('confirmed')
    expect((await look()).body['state']).toBe('accepted')
    const leave = `${page.path}/waitlist/withdraw`
    expect((await api.call(null, 'POST', leave, proof)).status).toBe(409)
    const other = { email: first, code: await waitlistCodeOf(page, first) }
    expect((await api.call(null, 'POST', leave, other)).body['state']).toBe('withdrawn')
  })
})
