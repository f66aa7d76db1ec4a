import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { createPlatformDatabase } from '../../test/platform-database.js'
import { roleUrls } from '../../test/role-urls.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo } from '../demo-data/index.js'
import { register } from '../events/registering.js'
import { localDirectoryStorage } from './exports/local-directory-storage.js'
import { startWorkers } from './start-workers.js'
import type { RunningWorkers } from './start-workers.js'
import { tenantsWithWork } from './tenants-with-work.js'

const tenantId = demo.tenants.events
const seats = 12
const waiting = 14

let database: PlatformDatabase
let opened: OpenTxManager
let eventId: string
let ticketTypeId: string

beforeAll(async () => {
  database = await createPlatformDatabase()
  opened = await openTxManager(roleUrls(database), database.signingKey, 8)
  const unit = demo.orgUnits.events.root
  const event = await database.admin.query<{ id: string }>(
    `insert into evt.events (tenant_id, org_unit_id, slug, title, status, published_at, capacity,
       starts_at, ends_at, created_by)
     values ($1, $2, 'crowded', 'Crowded', 'published', now(), $3, date_trunc('day', now()) + '2 days',
       now() + interval '3 days', $4) returning id`,
    [tenantId, unit, seats, demo.users.eventsAdmin],
  )
  eventId = event.rows[0]?.id ?? ''
  const type = await database.admin.query<{ id: string }>(
    `insert into evt.ticket_types (tenant_id, org_unit_id, event_id, name, quantity)
     values ($1, $2, $3, 'Seat', 50) returning id`,
    [tenantId, unit, eventId],
  )
  ticketTypeId = type.rows[0]?.id ?? ''
  await database.admin.query(
    `insert into evt.waitlist_entries (tenant_id, org_unit_id, event_id, ticket_type_id, name, email, joined_at)
     select $1, $2, $3, $4, 'W' || n, 'w' || n || '@waiting.example', now() - make_interval(mins => 100 - n)
     from generate_series(1, $5::int) n`,
    [tenantId, unit, eventId, ticketTypeId, waiting],
  )
})
afterAll(async () => {
  await opened.close()
  await database.drop()
})

/** Several workers of both queues, as in as many processes. */
function startMany(): RunningWorkers[] {
  return Array.from({ length: 3 }, () =>
    startWorkers({
      tx: opened.tx,
      exportStorage: localDirectoryStorage('/nowhere'),
      queues: ['waitlist', 'reservations'],
      idle: { first: 10, factor: 2, most: 50 },
    }),
  )
}

interface Seats {
  sold: number
  taken: number
  live: number
  twice: number
}
async function seatsNow(): Promise<Seats> {
  const { rows } = await database.admin.query<Seats>(
    `select (select sold from evt.ticket_types where id = $2) as sold,
       (select places_taken from evt.events where id = $1) as taken,
       (select count(*)::int from evt.registrations
         where event_id = $1 and state <> 'cancelled') as live,
       (select count(*)::int from (select attendee_email from evt.registrations
         where event_id = $1 group by 1 having count(*) > 1) t) as twice`,
    [eventId, ticketTypeId],
  )
  return rows[0] ?? { sold: -1, taken: -1, live: -1, twice: -1 }
}
async function entries(): Promise<Record<string, number>> {
  const { rows } = await database.admin.query<{ state: string; count: number }>(
    `select state::text, count(*)::int from evt.waitlist_entries where event_id = $1 group by 1`,
    [eventId],
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

function visitor(number: number): Promise<unknown> {
  const email = `v${String(number)}@visiting.example`
  const request = { eventId, ticketTypeId, userId: null, name: 'V', email, answers: {} }
  return opened.tx
    .asWorker({ tenantId, orgScope: 'all' })
    .run((db) => register(db, { ...request, requestId: null, reservedUntil: null }))
}

describe('several workers of waiting lists and reservations', () => {
  it('offer each seat once while visitors take seats, and give lapsed ones to the next', async () => {
    expect(await tenantsWithWork(opened.tx, 'waitlist', 10)).toContain(tenantId)
    const workers = startMany()
    try {
      const visits = await Promise.allSettled(Array.from({ length: 4 }, (_, n) => visitor(n)))
      const visitors = visits.filter(({ status }) => status === 'fulfilled').length
      const offered = seats - visitors
      await expect
        .poll(entries, { timeout: 20_000 })
        .toEqual({ offered, waiting: waiting - offered })
      expect(await seatsNow()).toEqual({ sold: seats, taken: seats, live: seats, twice: 0 })
      expect(await tenantsWithWork(opened.tx, 'waitlist', 10)).not.toContain(tenantId)

      await database.admin.query(
        `update evt.registrations set reserved_until = now() - interval '1 second'
         where event_id = $1 and state = 'pending'`,
        [eventId],
      )
      await expect
        .poll(entries, { timeout: 20_000 })
        .toEqual({ expired: offered, offered: waiting - offered })
      const live = visitors + waiting - offered
      expect(await seatsNow()).toEqual({ sold: live, taken: live, live, twice: 0 })
      expect(await tenantsWithWork(opened.tx, 'reservations', 10)).not.toContain(tenantId)
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()))
    }
    const { rows } = await database.admin.query<{ topic: string; count: number }>(
      `select topic, count(*)::int from ops.outbox where payload ->> 'eventId' = $1
         and topic in ('waitlist.offered', 'registration.expired') group by 1`,
      [eventId],
    )
    const told = Object.fromEntries(rows.map(({ topic, count }) => [topic, count]))
    const { expired } = await entries()
    expect(told).toEqual({ 'waitlist.offered': waiting, 'registration.expired': expired })
  })
})
