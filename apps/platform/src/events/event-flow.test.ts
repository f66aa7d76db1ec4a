import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller, ApiReply } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { demo } from '../demo-data/index.js'
import { eventsRoutes } from './routes.js'

let api: ApiCaller

beforeAll(async () => {
  api = await openApiCaller(eventsRoutes)
})
afterAll(async () => {
  await api.close()
})

const inDays = (days: number): string =>
  new Date(Math.floor(Date.now() / 1000) * 1000 + days * 86_400_000).toISOString()

async function draft(actor: DemoActorKey, slug: string, change: object = {}): Promise<ApiReply> {
  return api.call(actor, 'POST', '/events', {
    slug,
    title: `Event ${slug}`,
    startsAt: inDays(7),
    endsAt: inDays(8),
    capacity: 10,
    ...change,
  })
}

/** A published event of the school with one ticket type. */
async function published(
  slug: string,
  quantity = 2,
): Promise<{ eventId: string; ticketTypeId: string }> {
  const eventId = String((await draft('schoolAdmin', slug)).body['id'])
  const type = await api.call('schoolAdmin', 'POST', `/events/${eventId}/ticket-types`, {
    name: 'Seat',
    quantity,
  })
  await api.call('schoolAdmin', 'POST', `/events/${eventId}/publish`)
  return { eventId, ticketTypeId: String(type.body['id']) }
}

function guest(eventId: string, name: string, change: object): Promise<ApiReply> {
  const body = { name, email: `${name}@guests.example`, ...change }
  return api.call('schoolAdmin', 'POST', `/events/${eventId}/registrations`, body)
}

describe('an event', () => {
  it('goes from draft to published to cancelled, and each step only once', async () => {
    const { status, body } = await draft('eventsManager', 'life')
    expect([status, body['status'], body['placesTaken']]).toEqual([201, 'draft', 0])
    const path = `/events/${String(body['id'])}`
    const steps: [string, number][] = [
      ['complete', 409],
      ['publish', 200],
      ['publish', 409],
      ['complete', 409],
      ['cancel', 200],
      ['cancel', 409],
      ['publish', 409],
    ]
    for (const [step, expected] of steps) {
      const reply = await api.call('eventsManager', 'POST', `${path}/${step}`)
      expect([step, reply.status]).toEqual([step, expected])
    }
    expect((await api.call('eventsManager', 'DELETE', path)).status).toBe(204)
    expect((await api.call('eventsManager', 'GET', path)).status).toBe(404)
  })

  it('keeps what a change does not name, and refuses what does not fit', async () => {
    const id = String((await draft('eventsManager', 'change')).body['id'])
    const path = `/events/${id}`
    const changed = await api.call('eventsManager', 'PATCH', path, { city: 'Kiel', capacity: 3 })
    expect(changed.body).toMatchObject({ city: 'Kiel', capacity: 3, title: 'Event change' })
    const refused: [object, string[]][] = [
      [{ endsAt: inDays(1) }, ['/body/endsAt']],
      [{ capacity: 0, colour: 'red' }, ['/body/capacity', '/body/colour']],
      [{ categories: ['a', 'a'] }, ['/body/categories']],
      [{ timeZone: 'Mars/Olympus' }, ['/body/timeZone']],
      [{ startsAt: 'tomorrow' }, ['/body/startsAt']],
    ]
    for (const [body, pointers] of refused) {
      const reply = await api.call('eventsManager', 'PATCH', path, body)
      expect([reply.status, reply.pointers]).toEqual([400, pointers])
    }
    const taken = await api.call('eventsManager', 'PATCH', path, { slug: 'summer-party' })
    expect(taken.status).toBe(409)
    expect((await draft('eventsManager', 'change')).status).toBe(409)
  })

  it('is not there for other tenants and other org units, and closed to lower roles', async () => {
    const path = `/events/${demo.events.eventsPublished}`
    for (const actor of ['schoolAdmin', 'securityAdmin'] as const) {
      expect((await api.call(actor, 'GET', path)).status).toBe(404)
      expect((await api.call(actor, 'PATCH', path, { title: 'Mine' })).status).toBe(404)
      expect((await api.call(actor, 'POST', `${path}/cancel`)).status).toBe(404)
      expect((await api.call(actor, 'GET', `${path}/registrations`)).status).toBe(404)
      expect((await api.call(actor, 'DELETE', path)).status).toBe(404)
    }
    // The manager of science does not work in languages.
    const languages = `/events/${demo.events.schoolDraft}`
    expect((await api.call('schoolManager', 'GET', languages)).status).toBe(404)
    expect((await api.call('schoolAdmin', 'GET', languages)).status).toBe(200)
    for (const actor of ['schoolPupil', 'eventsStaff'] as const) {
      expect((await draft(actor, 'own')).status).toBe(403)
      expect((await api.call(actor, 'GET', `${path}/registrations`)).status).toBe(403)
    }
    expect((await api.call(null, 'GET', '/events')).status).toBe(401)
  })

  it('pages through what the caller sees', async () => {
    const seen: string[] = []
    let next: unknown = null
    do {
      const after = typeof next === 'string' ? `&after=${next}` : ''
      const { body, items } = await api.call('eventsManager', 'GET', `/events?limit=2${after}`)
      seen.push(...items.map(({ id }) => String(id)))
      next = body['next']
    } while (next !== null)
    expect(seen).toContain(demo.events.eventsDraft)
    expect(seen).not.toContain(demo.events.schoolPublished)
    expect(new Set(seen).size).toBe(seen.length)
  })
})

describe('ticket types', () => {
  it('are added, changed not below what is sold, and archived once', async () => {
    const { eventId, ticketTypeId } = await published('types')
    const path = `/events/${eventId}/ticket-types`
    const twice = await api.call('schoolAdmin', 'POST', path, { name: 'Seat', quantity: 1 })
    expect(twice.status).toBe(409)
    expect((await guest(eventId, 'ada', { ticketTypeId })).status).toBe(201)
    expect((await guest(eventId, 'bob', { ticketTypeId })).status).toBe(201)
    const type = `/ticket-types/${ticketTypeId}`
    expect((await api.call('schoolAdmin', 'PATCH', type, { quantity: 1 })).status).toBe(409)
    const changed = await api.call('schoolAdmin', 'PATCH', type, { quantity: 5, priceCents: 250 })
    expect(changed.body).toMatchObject({ quantity: 5, priceCents: 250, sold: 2, name: 'Seat' })
    expect((await api.call('eventsAdmin', 'PATCH', type, { quantity: 9 })).status).toBe(404)
    expect((await api.call('schoolAdmin', 'POST', `${type}/archive`)).status).toBe(200)
    expect((await api.call('schoolAdmin', 'POST', `${type}/archive`)).status).toBe(409)
    expect((await guest(eventId, 'cleo', { ticketTypeId })).status).toBe(404)
  })

  it('sell within their time and of their own event only', async () => {
    const { eventId } = await published('times')
    const other = await published('other')
    expect((await guest(eventId, 'ada', { ticketTypeId: other.ticketTypeId })).status).toBe(404)
    const path = `/events/${eventId}/ticket-types`
    for (const sale of [{ salesFrom: inDays(1) }, { salesUntil: inDays(-1) }]) {
      const name = Object.keys(sale).join('')
      const type = await api.call('schoolAdmin', 'POST', path, { name, quantity: 5, ...sale })
      const ticketTypeId = type.body['id']
      expect((await guest(eventId, 'ada', { ticketTypeId })).body['detail']).toMatch(/not on sale/)
    }
  })
})

describe('registrations', () => {
  it('are held, confirmed in time, cancelled, and the seat is free again', async () => {
    const { eventId, ticketTypeId } = await published('held', 1)
    const held = await guest(eventId, 'ada', { ticketTypeId, hold: true })
    expect(held.body).toMatchObject({ state: 'pending', confirmedAt: null })
    expect((await guest(eventId, 'bob', { ticketTypeId })).body['detail']).toBe('sold out')
    const path = `/registrations/${String(held.body['id'])}`
    expect((await api.call('schoolAdmin', 'POST', `${path}/confirm`)).body['state']).toBe(
      'confirmed',
    )
    expect((await api.call('schoolAdmin', 'POST', `${path}/confirm`)).status).toBe(200)
    expect((await api.call('schoolAdmin', 'POST', `${path}/cancel`)).body['state']).toBe(
      'cancelled',
    )
    expect((await api.call('schoolAdmin', 'POST', `${path}/confirm`)).status).toBe(409)
    expect((await guest(eventId, 'bob', { ticketTypeId })).status).toBe(201)
    expect((await guest(eventId, 'bob', { ticketTypeId })).status).toBe(409)
    expect((await api.call('eventsAdmin', 'POST', `${path}/cancel`)).status).toBe(404)
  })

  it('are listed for organisers, newest first', async () => {
    const { eventId, ticketTypeId } = await published('export', 5)
    await guest(eventId, 'ada', { ticketTypeId, name: '=HYPERLINK("http://x")' })
    await guest(eventId, 'bob', { ticketTypeId, name: 'Smith, Bob' })
    const path = `/events/${eventId}/registrations`
    const { items } = await api.call('schoolAdmin', 'GET', `${path}?state=confirmed`)
    expect(items.map(({ attendeeEmail }) => attendeeEmail)).toEqual([
      'bob@guests.example',
      'ada@guests.example',
    ])
  })

  it('show an auditor that they exist, not who comes', async () => {
    const path = `/events/${demo.events.securityPublished}/registrations`
    const { status, items } = await api.call('auditorLive', 'GET', path)
    expect(status).toBe(200)
    expect(items.length).toBeGreaterThan(0)
    for (const { attendeeName, attendeeEmail, code } of items) {
      expect([attendeeName, attendeeEmail, code]).toEqual([null, null, null])
    }
    expect((await api.call('auditorLive', 'POST', path, {})).status).toBe(403)
  })
})

describe('members and their own tickets', () => {
  it('can be had for an event of another org unit, seen and cancelled by their owner alone', async () => {
    const { eventId, ticketTypeId } = await published('own', 2)
    const path = `/events/${eventId}/registrations/own`
    const first = await api.call('schoolPupil', 'POST', path, { ticketTypeId })
    expect(first.body).toMatchObject({ state: 'confirmed', userId: demo.users.schoolPupil })
    const again = await api.call('schoolPupil', 'POST', path, { ticketTypeId })
    expect(again.body['id']).toBe(first.body['id'])
    const own = await api.call('schoolPupil', 'GET', '/me/registrations')
    expect(own.items.map(({ id }) => id)).toContain(first.body['id'])
    const others = await api.call('schoolClassmate', 'GET', '/me/registrations')
    expect(others.items.map(({ id }) => id)).not.toContain(first.body['id'])
    const cancel = `/me/registrations/${String(first.body['id'])}/cancel`
    expect((await api.call('schoolClassmate', 'POST', cancel)).status).toBe(404)
    expect((await api.call('eventsStaff', 'POST', cancel)).status).toBe(404)
    expect((await api.call('schoolPupil', 'POST', cancel)).body['state']).toBe('cancelled')
    const types = await api.call('schoolAdmin', 'GET', `/events/${eventId}/ticket-types`)
    expect(types.items[0]).toMatchObject({ sold: 0 })
  })

  it('cannot be had for a draft, of a hidden type, or in another tenant', async () => {
    const { eventId } = await published('closed')
    const path = `/events/${eventId}/ticket-types`
    const hidden = { name: 'Crew', quantity: 5, isHidden: true }
    const type = await api.call('schoolAdmin', 'POST', path, hidden)
    const body = { ticketTypeId: String(type.body['id']) }
    const own = `/events/${eventId}/registrations/own`
    expect((await api.call('schoolPupil', 'POST', own, body)).status).toBe(404)
    const elsewhere = await published('closed-too')
    const foreign = `/events/${elsewhere.eventId}/registrations/own`
    const seat = { ticketTypeId: elsewhere.ticketTypeId }
    expect((await api.call('eventsStaff', 'POST', foreign, seat)).status).toBe(404)
    const ofDraft = `/events/${demo.events.schoolDraft}/registrations/own`
    expect((await api.call('schoolPupil', 'POST', ofDraft, seat)).status).toBe(404)
  })
})

describe('the door', () => {
  it('lets a guest in once, again after it was revoked, and no one without a valid ticket', async () => {
    const { eventId, ticketTypeId } = await published('door')
    const { body } = await guest(eventId, 'ada', { ticketTypeId })
    const code = String(body['code'])
    const path = `/events/${eventId}/check-ins`
    const scan = (given: string): Promise<ApiReply> =>
      api.call('schoolAdmin', 'POST', path, { code: given })
    const first = await scan(code.toLowerCase())
    expect(first.status).toBe(201)
    const second = await scan(code)
    expect(second.status).toBe(409)
    expect(second.body['detail']).toContain(String(first.body['checkedInAt']))
    const registration = `/registrations/${String(body['id'])}/cancel`
    expect((await api.call('schoolAdmin', 'POST', registration)).status).toBe(409)
    const revoke = `/check-ins/${String(first.body['id'])}/revoke`
    expect((await api.call('eventsAdmin', 'POST', revoke)).status).toBe(404)
    expect((await api.call('schoolAdmin', 'POST', revoke)).status).toBe(200)
    expect((await api.call('schoolAdmin', 'POST', revoke)).status).toBe(409)
    expect((await scan(code)).status).toBe(201)
    expect((await api.call('schoolAdmin', 'GET', path)).items).toHaveLength(2)
    const held = await guest(eventId, 'bob', { ticketTypeId, hold: true })
    expect((await scan(String(held.body['code']))).body['detail']).toMatch(/pending/)
    expect((await scan('ZZZZZZZZ')).status).toBe(404)
    // A ticket of another event opens nothing here.
    const other = await published('next-door')
    const stranger = await guest(other.eventId, 'cleo', { ticketTypeId: other.ticketTypeId })
    expect((await scan(String(stranger.body['code']))).status).toBe(404)
  })
})
