import type { DemoTenantKey } from './demo.js'
import { demo } from './demo.js'
import { demoId } from './demo-id.js'
import { demoTenant } from './demo-tenants.js'
import type { SeedContext } from './seed-context.js'
import { inTurn, insertRows } from './seed-context.js'

const insertEvents = `
insert into evt.events (id, tenant_id, org_unit_id, slug, title, summary, description, status,
  starts_at, ends_at, time_zone, venue, city, country, categories, capacity, places_taken,
  cover_file_id, contact_email, internal_note, created_by, created_at, published_at,
  cancelled_at)
select id, tenant_id, org_unit_id, slug, title, summary, description, status,
  starts_at, ends_at, time_zone, venue, city, country, categories, capacity, places_taken,
  cover_file_id, contact_email, internal_note, created_by, created_at, published_at,
  cancelled_at
from jsonb_populate_recordset(null::evt.events, $1::jsonb)`

const insertTicketTypes = `
insert into evt.ticket_types (id, tenant_id, org_unit_id, event_id, name, price_cents, quantity, sold,
  sales_from, sales_until, is_hidden)
select id, tenant_id, org_unit_id, event_id, name, price_cents, quantity, sold,
  sales_from, sales_until, is_hidden
from jsonb_populate_recordset(null::evt.ticket_types, $1::jsonb)`

/** A demo event as far as it differs from the others. */
export interface DemoEvent {
  readonly id: string
  readonly tenant: DemoTenantKey
  readonly place: string
  readonly slug: string
  readonly title: string
  readonly status: 'draft' | 'published' | 'cancelled'
  readonly capacity: number
}

const { security, school } = demo.orgUnits
const place = demo.orgUnits.events.root
const ids = demo.events

const define = (
  tenant: DemoTenantKey,
  id: string,
  place: string,
  slug: string,
  title: string,
  status: DemoEvent['status'],
  capacity = 40,
): DemoEvent => ({ id, tenant, place, slug, title, status, capacity })

/** The slug `summer-party` exists in all three tenants: slugs are unique within one only. */
export const demoEvents: readonly DemoEvent[] = [
  define(
    'security',
    ids.securityPublished,
    security.root,
    'summer-party',
    'Summer party',
    'published',
  ),
  define(
    'security',
    ids.securityDraft,
    security.northSite,
    'site-tour',
    'Tour of the site',
    'draft',
  ),
  define(
    'security',
    ids.securityCancelled,
    security.southSite,
    'drill',
    'Night drill',
    'cancelled',
  ),
  define(
    'school',
    ids.schoolPublished,
    school.science,
    'summer-party',
    'Science fair',
    'published',
  ),
  define('school', ids.schoolDraft, school.languages, 'reading', 'Reading evening', 'draft'),
  define(
    'events',
    ids.eventsPublished,
    place,
    'summer-party',
    'Harbour festival',
    'published',
    500,
  ),
  define('events', ids.eventsCancelled, place, 'regatta', 'Regatta', 'cancelled', 80),
  define('events', ids.eventsDraft, place, 'winter-market', 'Winter market', 'draft', 120),
  define('events', ids.eventsSoldOut, place, 'night-cruise', 'Night cruise', 'published', 2),
]

/** Events of every status in different tenants, each with an open and a hidden ticket type. */
export async function seedEvents(seed: SeedContext): Promise<void> {
  const events = demoEvents.map((event, index) => {
    const tenant = demoTenant(event.tenant)
    return {
      id: event.id,
      tenant_id: demo.tenants[event.tenant],
      org_unit_id: event.place,
      slug: event.slug,
      title: event.title,
      summary: `${event.title} with guests`,
      description: 'Doors open half an hour before.',
      status: event.status,
      starts_at: seed.at({ days: 20 + index }),
      ends_at: seed.at({ days: 20 + index, hours: 4 }),
      time_zone: 'Europe/Berlin',
      venue: 'Great hall',
      city: inTurn(['Hamburg', 'Berlin', 'Leipzig'], index + 1),
      country: 'DE',
      categories: inTurn([['music', 'food'], ['education']], index + 1),
      capacity: event.capacity,
      places_taken: seatsHeld(event),
      cover_file_id: demoId('media.files', tenant.number, 1),
      contact_email: `contact@${event.tenant}.example`,
      internal_note: `Budget of ${event.tenant}: ${String(1000 * (index + 1))} EUR`,
      created_by: tenant.manager,
      created_at: seed.at({ days: -16 }),
      published_at: event.status === 'draft' ? null : seed.at({ days: -15 }),
      cancelled_at: event.status === 'cancelled' ? seed.at({ days: -2 }) : null,
    }
  })
  await insertRows(seed, insertEvents, events)
  const ticketTypes = demoEvents.flatMap((event) =>
    [1, 2].map((row) => ({
      id: ticketTypeId(event, row),
      tenant_id: demo.tenants[event.tenant],
      org_unit_id: event.place,
      event_id: event.id,
      name: inTurn(['Admission', 'Crew'], row),
      price_cents: row === 1 ? 1_500 : 0,
      quantity: event.capacity,
      sold: row === 1 ? seatsHeld(event) : 0,
      sales_from: seed.at({ days: -15 }),
      sales_until: seed.at({ days: 19 }),
      is_hidden: row === 2,
    })),
  )
  await insertRows(seed, insertTicketTypes, ticketTypes)
}

/** Whether a seat of the event is offered to the first who waits for one. */
export function hasOffer({ capacity }: DemoEvent): boolean {
  return capacity > 2
}

function seatsHeld(event: DemoEvent): number {
  return hasOffer(event) ? 3 : 2
}

/** The fixed id of the open (1) or the hidden (2) ticket type of a demo event. */
export function ticketTypeId(event: DemoEvent, row: number): string {
  const position = demoEvents.indexOf(event) + 1
  const tenant = demoTenant(event.tenant)
  return demoId('evt.ticket_types', tenant.number, position * 10 + row)
}
