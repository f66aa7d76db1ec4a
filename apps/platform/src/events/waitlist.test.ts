import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { demo } from '../demo-data/index.js'
import { expireReservations } from './registering.js'
import { eventsRoutes } from './routes.js'
import type { WaitlistOffer } from './waiting.js'
import { promoteNext } from './waiting.js'
import { promotableTicketTypes } from './waitlist-repository.js'

let api: ApiCaller

beforeAll(async () => {
  api = await openApiCaller(eventsRoutes)
})
afterAll(async () => {
  await api.close()
})

const tenant = demo.tenants.events

/** A sold-out event of Harbour Events: its ids, and those of its registrations. */
async function soldOut(
  slug: string,
  seats: number,
): Promise<{ eventId: string; ticketTypeId: string; guests: string[] }> {
  const starts = Date.now() + 7 * 86_400_000
  const event = await api.call('eventsManager', 'POST', '/events', {
    slug,
    title: slug,
    startsAt: new Date(starts).toISOString(),
    endsAt: new Date(starts + 3_600_000).toISOString(),
    capacity: seats,
  })
  const eventId = String(event.body['id'])
  const type = await api.call('eventsManager', 'POST', `/events/${eventId}/ticket-types`, {
    name: 'Seat',
    quantity: seats,
  })
  const ticketTypeId = String(type.body['id'])
  await api.call('eventsManager', 'POST', `/events/${eventId}/publish`)
  const guests: string[] = []
  for (let seat = 0; seat < seats; seat += 1) {
    const { body } = await api.call('eventsManager', 'POST', `/events/${eventId}/registrations`, {
      name: 'Guest',
      email: `guest-${String(seat)}@first.example`,
      ticketTypeId,
    })
    guests.push(String(body['id']))
  }
  return { eventId, ticketTypeId, guests }
}

const promote = (ticketTypeId: string): Promise<WaitlistOffer | null> =>
  api.worker(tenant).run((db) => promoteNext(db, ticketTypeId))

const expire = (): Promise<readonly { ticketTypeId: string }[]> =>
  api.worker(tenant).run((db) => expireReservations(db, 100))

async function lapse(registrationId: string): Promise<void> {
  await api.database.admin.query(
    "update evt.registrations set reserved_until = now() - interval '1 second' where id = $1",
    [registrationId],
  )
}

async function free(registrationId: string | undefined): Promise<void> {
  const path = `/registrations/${registrationId ?? ''}/cancel`
  expect((await api.call('eventsManager', 'POST', path)).status).toBe(200)
}

async function statesOf(eventId: string): Promise<Record<string, unknown>> {
  const { items } = await api.call('eventsManager', 'GET', `/events/${eventId}/waitlist`)
  return Object.fromEntries(items.map(({ name, state }) => [String(name), state]))
}

async function seatsOf(eventId: string): Promise<{ sold: number; taken: number; live: number }> {
  const { rows } = await api.database.admin.query<{ sold: number; taken: number; live: number }>(
    `select (select sum(sold)::int from evt.ticket_types where event_id = $1) as sold,
       (select places_taken from evt.events where id = $1) as taken,
       (select count(*)::int from evt.registrations
         where event_id = $1 and state <> 'cancelled') as live`,
    [eventId],
  )
  const [row] = rows
  if (row === undefined) throw new Error('no such event')
  return row
}

function wait(eventId: string, name: string): ReturnType<ApiCaller['call']> {
  const body = { name, email: `${name}@waiting.example` }
  return api.call('eventsManager', 'POST', `/events/${eventId}/waitlist`, body)
}

describe('the waiting list', () => {
  it('opens when the event is sold out, and keeps the order of joining', async () => {
    const { eventId, guests } = await soldOut('queue', 1)
    expect((await wait(eventId, 'first')).body).toMatchObject({ position: 1, state: 'waiting' })
    expect((await wait(eventId, 'second')).body['position']).toBe(2)
    expect((await wait(eventId, 'first')).body['position']).toBe(1)
    await free(guests[0])
    expect((await wait(eventId, 'third')).body['detail']).toMatch(/register instead/)
  })

  it('offers a free seat to the next, holds it, and goes on when the offer lapses', async () => {
    const { eventId, ticketTypeId, guests } = await soldOut('offer', 1)
    await wait(eventId, 'first')
    await wait(eventId, 'second')
    expect(await promote(ticketTypeId)).toBeNull()
    await free(guests[0])
    const types = await api.worker(tenant).run((db) => promotableTicketTypes(db, 100))
    expect(types).toContain(ticketTypeId)
    const offer = await promote(ticketTypeId)
    expect(offer?.offeredUntil.getTime()).toBeGreaterThan(Date.now() + 3_600_000)
    expect(await promote(ticketTypeId)).toBeNull()
    expect(await statesOf(eventId)).toEqual({ first: 'offered', second: 'waiting' })
    // Nobody slips in between.
    const body = { name: 'Slip', email: 'slip@in.example', ticketTypeId }
    const slip = await api.call('eventsManager', 'POST', `/events/${eventId}/registrations`, body)
    expect(slip.status).toBe(409)
    await lapse(offer?.registrationId ?? '')
    expect((await expire()).map((lapsed) => lapsed.ticketTypeId)).toEqual([ticketTypeId])
    expect(await expire()).toEqual([])
    expect(await statesOf(eventId)).toEqual({ first: 'expired', second: 'waiting' })
    expect(await seatsOf(eventId)).toEqual({ sold: 0, taken: 0, live: 0 })
    expect(await promote(ticketTypeId)).not.toBeNull()
    expect(await statesOf(eventId)).toEqual({ first: 'expired', second: 'offered' })
    expect(await seatsOf(eventId)).toEqual({ sold: 1, taken: 1, live: 1 })
  })

  it('offers every free seat once, however many workers look for one', async () => {
    const { eventId, ticketTypeId, guests } = await soldOut('workers', 4)
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await wait(eventId, name)
    for (const guest of guests.slice(0, 3)) await free(guest)
    const runs = Array.from({ length: 12 }, () => promote(ticketTypeId))
    const offers = (await Promise.all(runs)).filter((offer) => offer !== null)
    expect(new Set(offers.map(({ entryId }) => entryId)).size).toBe(3)
    expect(offers).toHaveLength(3)
    expect(await seatsOf(eventId)).toEqual({ sold: 4, taken: 4, live: 4 })
    const offered = Object.entries(await statesOf(eventId)).filter(([, is]) => is === 'offered')
    expect(offered.map(([name]) => name).toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('gives lapsed seats back once, however many workers sweep', async () => {
    const { eventId, ticketTypeId, guests } = await soldOut('sweep', 5)
    for (const guest of guests) await free(guest)
    for (let seat = 0; seat < 5; seat += 1) {
      const held = await api.call('eventsManager', 'POST', `/events/${eventId}/registrations`, {
        name: 'Held',
        email: `held-${String(seat)}@sweep.example`,
        ticketTypeId,
        hold: true,
      })
      if (seat > 0) await lapse(String(held.body['id']))
    }
    const swept = await Promise.all(Array.from({ length: 6 }, expire))
    expect(swept.flat()).toHaveLength(4)
    expect(await seatsOf(eventId)).toEqual({ sold: 1, taken: 1, live: 1 })
  })

  it('steps over an address that found a seat by itself', async () => {
    const { eventId, ticketTypeId, guests } = await soldOut('found', 2)
    await wait(eventId, 'lucky')
    await wait(eventId, 'next')
    await free(guests[0])
    const body = { name: 'lucky', email: 'lucky@waiting.example', ticketTypeId }
    await api.call('eventsManager', 'POST', `/events/${eventId}/registrations`, body)
    await free(guests[1])
    await promote(ticketTypeId)
    expect(await statesOf(eventId)).toEqual({ lucky: 'withdrawn', next: 'offered' })
    expect(await seatsOf(eventId)).toEqual({ sold: 2, taken: 2, live: 2 })
  })

  it('lets members join, accept and withdraw for themselves, and nobody for them', async () => {
    const { eventId, ticketTypeId, guests } = await soldOut('self', 1)
    const joined = await api.call('eventsStaff', 'POST', `/events/${eventId}/waitlist/own`, {})
    expect(joined.body).toMatchObject({ position: 1, userId: demo.users.schoolAndEvents })
    const path = `/me/waitlist/${String(joined.body['id'])}`
    expect((await api.call('eventsStaff', 'POST', `${path}/accept`)).status).toBe(409)
    await free(guests[0])
    await promote(ticketTypeId)
    const own = await api.call('eventsStaff', 'GET', '/me/waitlist')
    expect(own.items.find(({ id }) => id === joined.body['id'])).toMatchObject({
      state: 'offered',
      position: null,
    })
    for (const other of ['eventsManager', 'schoolPupil'] as const) {
      expect((await api.call(other, 'POST', `${path}/accept`)).status).toBe(404)
      expect((await api.call(other, 'POST', `${path}/withdraw`)).status).toBe(404)
    }
    const accepted = await api.call('eventsStaff', 'POST', `${path}/accept`)
    expect(accepted.body).toMatchObject({ state: 'confirmed', eventId })
    expect((await api.call('eventsStaff', 'POST', `${path}/withdraw`)).status).toBe(409)
    expect(await statesOf(eventId)).toEqual({ 'Noah Fischer': 'accepted' })
  })

  it('frees an offered seat that is turned down', async () => {
    const { eventId, ticketTypeId, guests } = await soldOut('declined', 1)
    const { body } = await wait(eventId, 'no')
    await free(guests[0])
    await promote(ticketTypeId)
    const path = `/waitlist/${String(body['id'])}/withdraw`
    expect((await api.call('schoolAdmin', 'POST', path)).status).toBe(404)
    expect((await api.call('eventsManager', 'POST', path)).body['state']).toBe('withdrawn')
    expect(await seatsOf(eventId)).toEqual({ sold: 0, taken: 0, live: 0 })
  })

  it('is worked on for one tenant at a time', async () => {
    const { eventId, ticketTypeId, guests } = await soldOut('foreign', 1)
    await wait(eventId, 'first')
    await free(guests[0])
    const asSchool = api.worker(demo.tenants.school)
    expect(await asSchool.run((db) => promoteNext(db, ticketTypeId))).toBeNull()
    expect(await asSchool.run((db) => promotableTicketTypes(db, 100))).not.toContain(ticketTypeId)
    expect(await statesOf(eventId)).toEqual({ first: 'waiting' })
  })
})
