import { demo } from './demo.js'
import { demoId } from './demo-id.js'
import { demoTenant } from './demo-tenants.js'
import { demoEvents, hasOffer, ticketTypeId } from './evt-events.js'
import type { DemoRow, SeedContext } from './seed-context.js'
import { inTurn, insertRows } from './seed-context.js'

const insertRegistrations = `
insert into evt.registrations (id, tenant_id, org_unit_id, event_id, ticket_type_id, user_id,
  attendee_name, attendee_email, state, code, answers, registered_at, confirmed_at, reserved_until,
  cancelled_at)
select id, tenant_id, org_unit_id, event_id, ticket_type_id, user_id,
  attendee_name, attendee_email, state, code, answers, registered_at, confirmed_at, reserved_until,
  cancelled_at
from jsonb_populate_recordset(null::evt.registrations, $1::jsonb)`

const insertCheckIns = `
insert into evt.check_ins (id, tenant_id, org_unit_id, registration_id, checked_in_at, checked_in_by,
  gate, revoked_at)
select id, tenant_id, org_unit_id, registration_id, checked_in_at, checked_in_by, gate, revoked_at
from jsonb_populate_recordset(null::evt.check_ins, $1::jsonb)`

const insertWaitlistEntries = `
insert into evt.waitlist_entries (id, tenant_id, org_unit_id, event_id, ticket_type_id, user_id, name,
  email, state, joined_at, offered_until, registration_id)
select id, tenant_id, org_unit_id, event_id, ticket_type_id, user_id, name,
  email, state, joined_at, offered_until, registration_id
from jsonb_populate_recordset(null::evt.waitlist_entries, $1::jsonb)`

/**
 * Two paying guests for every event, a third who cancelled, check-ins of the first two (one taken
 * back and repeated) and a waiting list, whose first entry is offered a seat where there is one.
 */
export async function seedAttendance(seed: SeedContext): Promise<void> {
  const registrations: DemoRow[] = []
  const checkIns: DemoRow[] = []
  const waiting: DemoRow[] = []
  for (const [index, event] of demoEvents.entries()) {
    const tenant = demoTenant(event.tenant)
    const owner = { tenant_id: tenant.id, org_unit_id: event.place }
    const offer = hasOffer(event)
      ? demoId('evt.registrations', tenant.number, index * 10 + 4)
      : null
    const offeredUntil = seed.at({ hours: 12 })
    for (const guest of [1, 2, 3]) {
      const row = index * 10 + guest
      const isCancelled = guest === 3
      registrations.push({
        ...owner,
        id: demoId('evt.registrations', tenant.number, row),
        event_id: event.id,
        ticket_type_id: ticketTypeId(event, 1),
        user_id: inTurn([demo.users.visitor, null, tenant.member], guest),
        attendee_name: inTurn(['Yuki Tanaka', 'Paul Guest', 'Rosa Guest'], guest),
        attendee_email: inTurn(['yuki', 'paul', 'rosa'], guest) + '@guests.example',
        state: isCancelled ? 'cancelled' : 'confirmed',
        code: `T${String(tenant.number)}${String(row).padStart(6, '0')}`,
        answers: { diet: 'none' },
        registered_at: seed.at({ days: -10 }),
        confirmed_at: isCancelled ? null : seed.at({ days: -10 }),
        reserved_until: null,
        cancelled_at: isCancelled ? seed.at({ days: -5 }) : null,
      })
      checkIns.push({
        ...owner,
        id: demoId('evt.check_ins', tenant.number, row),
        registration_id: demoId('evt.registrations', tenant.number, row - (isCancelled ? 1 : 0)),
        checked_in_at: seed.at({ hours: -guest }),
        checked_in_by: tenant.member,
        gate: inTurn(['north', 'south'], guest),
        revoked_at: guest === 2 ? seed.at({ minutes: -5 }) : null,
      })
      waiting.push({
        ...owner,
        id: demoId('evt.waitlist_entries', tenant.number, row),
        event_id: event.id,
        ticket_type_id: ticketTypeId(event, 1),
        user_id: guest === 1 ? tenant.member : null,
        name: `Waiting ${String(guest)}`,
        email: `waiting-${String(guest)}@guests.example`,
        state: inTurn([offer === null ? 'waiting' : 'offered', 'waiting', 'withdrawn'], guest),
        joined_at: seed.at({ days: -8, minutes: guest }),
        offered_until: guest === 1 && offer !== null ? offeredUntil : null,
        registration_id: guest === 1 ? offer : null,
      })
    }
    if (offer === null) continue
    registrations.push({
      ...owner,
      id: offer,
      event_id: event.id,
      ticket_type_id: ticketTypeId(event, 1),
      user_id: tenant.member,
      attendee_name: 'Waiting 1',
      attendee_email: 'waiting-1@guests.example',
      state: 'pending',
      code: `T${String(tenant.number)}${String(index * 10 + 4).padStart(6, '0')}`,
      answers: {},
      registered_at: seed.at({ days: -1 }),
      confirmed_at: null,
      reserved_until: offeredUntil,
      cancelled_at: null,
    })
  }
  await insertRows(seed, insertRegistrations, registrations)
  await insertRows(seed, insertCheckIns, checkIns)
  await insertRows(seed, insertWaitlistEntries, waiting)
}
