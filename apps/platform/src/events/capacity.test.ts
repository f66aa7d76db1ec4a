import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCaller, ApiReply } from '../../test/api-caller.js'
import { openApiCaller } from '../../test/api-caller.js'
import { eventsRoutes } from './routes.js'

let api: ApiCaller

beforeAll(async () => {
  api = await openApiCaller(eventsRoutes)
})
afterAll(async () => {
  await api.close()
})

/** A published event of Harbour Events with ticket types of these quantities; their ids. */
async function publish(
  slug: string,
  capacity: number,
  quantities: readonly number[],
): Promise<{ id: string; ticketTypes: string[] }> {
  const starts = new Date(Date.now() + 7 * 86_400_000)
  const { body } = await api.call('eventsManager', 'POST', '/events', {
    slug,
    title: `Event ${slug}`,
    startsAt: starts.toISOString(),
    endsAt: new Date(starts.getTime() + 3_600_000).toISOString(),
    capacity,
  })
  const id = String(body['id'])
  const ticketTypes: string[] = []
  for (const [index, quantity] of quantities.entries()) {
    const name = `Type ${String(index)}`
    const path = `/events/${id}/ticket-types`
    const reply = await api.call('eventsManager', 'POST', path, { name, quantity })
    ticketTypes.push(String(reply.body['id']))
  }
  expect((await api.call('eventsManager', 'POST', `/events/${id}/publish`)).status).toBe(200)
  return { id, ticketTypes }
}

/** A visitor who tries again when the server has too much to do, as browsers are told to. */
async function ask(path: string, body: object): Promise<ApiReply> {
  for (;;) {
    const reply = await api.call(null, 'POST', path, body)
    if (reply.status !== 503) return reply
  }
}

const page = (slug: string): string => `/public/o/harbour-events/e/${slug}`

function tally(replies: readonly ApiReply[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

interface Seats {
  readonly sold: number[]
  readonly taken: number
  readonly live: number
}

async function seatsOf(eventId: string): Promise<Seats> {
  const { rows } = await api.database.admin.query<Seats>(
    `select e.places_taken as taken,
       array(select t.sold from evt.ticket_types t where t.event_id = e.id
         order by t.created_at, t.id) as sold,
       (select count(*)::int from evt.registrations r
         where r.event_id = e.id and r.state <> 'cancelled') as live
     from evt.events e where e.id = $1`,
    [eventId],
  )
  const [row] = rows
  if (row === undefined) throw new Error('no such event')
  return row
}

describe('seats under concurrency', () => {
  it('gives 100 seats to 1,000 visitors who ask at once, and confirms exactly those', async () => {
    const { id, ticketTypes } = await publish('rush', 500, [100])
    const attempts = Array.from({ length: 1000 }, (_, index) =>
      ask(`${page('rush')}/registrations`, {
        name: `Visitor ${String(index)}`,
        email: `visitor-${String(index)}@rush.example`,
        ticketTypeId: ticketTypes[0],
      }),
    )
    expect(tally(await Promise.all(attempts))).toEqual({ 202: 100, 409: 900 })
    const { rows } = await api.database.admin.query<{ email: string; code: string }>(
      'select attendee_email as email, code from evt.registrations where event_id = $1',
      [id],
    )
    const confirmations = rows.map(({ email, code }) =>
      ask(`${page('rush')}/registrations/confirm`, { email, code }),
    )
    expect(tally(await Promise.all(confirmations))).toEqual({ 200: 100 })
    const confirmed = await api.database.admin.query(
      "select from evt.registrations where event_id = $1 and state = 'confirmed'",
      [id],
    )
    expect(confirmed.rowCount).toBe(100)
    expect(await seatsOf(id)).toEqual({ sold: [100], taken: 100, live: 100 })
  }, 180_000)

  it('holds the capacity of the event over ticket types that have more seats together', async () => {
    const { id, ticketTypes } = await publish('hall', 15, [10, 10])
    const attempts = Array.from({ length: 40 }, (_, index) =>
      api.call('eventsManager', 'POST', `/events/${id}/registrations`, {
        name: `Guest ${String(index)}`,
        email: `guest-${String(index)}@hall.example`,
        ticketTypeId: ticketTypes[index % 2],
      }),
    )
    expect(tally(await Promise.all(attempts))).toEqual({ 201: 15, 409: 25 })
    const { sold, taken, live } = await seatsOf(id)
    expect([taken, live, (sold[0] ?? 0) + (sold[1] ?? 0)]).toEqual([15, 15, 15])
  })

  it('takes one seat for one address, however many requests come at once', async () => {
    const { id, ticketTypes } = await publish('twins', 50, [50])
    const attempts = Array.from({ length: 15 }, () =>
      api.call(null, 'POST', `${page('twins')}/registrations`, {
        name: 'Only One',
        email: 'Only.One@twins.example',
        ticketTypeId: ticketTypes[0],
      }),
    )
    const replies = await Promise.all(attempts)
    expect(tally(replies)).toEqual({ 202: 15 })
    expect(new Set(replies.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(await seatsOf(id)).toEqual({ sold: [1], taken: 1, live: 1 })
  })

  it('gives a seat back once, however many cancel at once', async () => {
    const { id, ticketTypes } = await publish('quitters', 5, [5])
    const registered: string[] = []
    for (const name of ['a', 'b']) {
      const { body } = await api.call('eventsManager', 'POST', `/events/${id}/registrations`, {
        name,
        email: `${name}@quitters.example`,
        ticketTypeId: ticketTypes[0],
      })
      registered.push(String(body['id']))
    }
    const attempts = Array.from({ length: 10 }, () =>
      api.call('eventsManager', 'POST', `/registrations/${registered[0] ?? ''}/cancel`),
    )
    for (const { status } of await Promise.all(attempts)) expect([200, 409]).toContain(status)
    expect(await seatsOf(id)).toEqual({ sold: [1], taken: 1, live: 1 })
  })

  it('lets one of many scans of a ticket in, and tells the others when that was', async () => {
    const { id, ticketTypes } = await publish('door', 5, [5])
    const guest = await api.call('eventsManager', 'POST', `/events/${id}/registrations`, {
      name: 'Early Bird',
      email: 'bird@door.example',
      ticketTypeId: ticketTypes[0],
    })
    const scan = { code: guest.body['code'], gate: 'north' }
    const scans = Array.from({ length: 10 }, () =>
      api.call('eventsStaff', 'POST', `/events/${id}/check-ins`, scan),
    )
    const replies = await Promise.all(scans)
    expect(tally(replies)).toEqual({ 201: 1, 409: 9 })
    const at = String(replies.find(({ status }) => status === 201)?.body['checkedInAt'])
    const refused = replies.filter(({ status }) => status === 409)
    for (const { body } of refused) expect(body['detail']).toBe(`the guest came in at ${at}`)
  })
})
