import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import { byEnum, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** The state of a registration: `pending` holds its seat until `reservedUntil`. */
export type RegistrationState = 'pending' | 'confirmed' | 'cancelled'

/** A row of `evt.registrations`. What an auditor may not read is null for one. */
export interface RegistrationRow {
  readonly id: string
  readonly eventId: string
  readonly ticketTypeId: string
  readonly userId: string | null
  readonly attendeeName: string | null
  readonly attendeeEmail: string | null
  readonly state: RegistrationState
  readonly code: string | null
  readonly registeredAt: Date
  readonly confirmedAt: Date | null
  readonly reservedUntil: Date | null
  readonly cancelledAt: Date | null
}

const columns = sql`id, event_id as "eventId", ticket_type_id as "ticketTypeId",
  user_id as "userId", attendee_name as "attendeeName", attendee_email::text as "attendeeEmail",
  state, code, registered_at as "registeredAt", confirmed_at as "confirmedAt",
  reserved_until as "reservedUntil", cancelled_at as "cancelledAt"`

/** What registrations can be listed by. */
export type RegistrationSort =
  'attendeeName' | 'attendeeEmail' | 'state' | 'registeredAt' | 'reservedUntil'

/** The orders of the list of registrations. */
export const registrationOrders: SortOrders<RegistrationSort> = sortOrders(
  {
    attendeeName: byText(sql`attendee_name`, { nullable: true }),
    attendeeEmail: byText(sql`attendee_email`, { nullable: true }),
    state: byEnum(sql`state`, sql`evt.registration_state`),
    registeredAt: byTime(sql`registered_at`),
    reservedUntil: byTime(sql`reserved_until`, { nullable: true }),
  },
  '-registeredAt',
)

/** Registrations for an event, newest first. */
export async function listRegistrations(
  db: Queryable,
  mode: ContextMode,
  filter: PageFilter<RegistrationSort> & {
    readonly eventId: string
    readonly state: RegistrationState | null
  },
): Promise<Sorted<RegistrationRow>[]> {
  const page = pageSql(registrationOrders, filter)
  const { rows } = await db.query<Sorted<RegistrationRow>>(
    sql`select ${columns}, ${page.column} from ${relationFor(mode, 'evt.registrations')}
     where event_id = $4 and ($5::evt.registration_state is null or state = $5)
       and ${page.after} ${page.orderAndLimit}`.text,
    [...page.values, filter.eventId, filter.state],
  )
  return rows
}

/** The user's own registrations as far as the caller may see them, newest first. */
export async function listRegistrationsOf(
  db: Queryable,
  userId: string,
  filter: PageFilter<RegistrationSort>,
): Promise<Sorted<RegistrationRow>[]> {
  const page = pageSql(registrationOrders, filter)
  const { rows } = await db.query<Sorted<RegistrationRow>>(
    sql`select ${columns}, ${page.column} from evt.registrations
     where user_id = $4 and ${page.after} ${page.orderAndLimit}`.text,
    [...page.values, userId],
  )
  return rows
}

/** The registration, if the caller may see it. */
export async function findRegistration(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<RegistrationRow | undefined> {
  const { rows } = await db.query<RegistrationRow>(
    sql`select ${columns} from ${relationFor(mode, 'evt.registrations')} where id = $1`.text,
    [id],
  )
  return rows[0]
}

/** The registration of that user; undefined for one of another. */
export async function findRegistrationOf(
  db: Queryable,
  userId: string,
  id: string,
): Promise<RegistrationRow | undefined> {
  const { rows } = await db.query<RegistrationRow>(
    sql`select ${columns} from evt.registrations where id = $1 and user_id = $2`.text,
    [id, userId],
  )
  return rows[0]
}

/** The registration that somebody without a login proves to be theirs by address and code. */
export async function findRegistrationByCode(
  db: Queryable,
  proof: { readonly eventId: string; readonly email: string; readonly code: string },
): Promise<RegistrationRow | undefined> {
  const { rows } = await db.query<RegistrationRow>(
    sql`select ${columns} from evt.registrations
     where event_id = $1 and attendee_email = $2 and code = $3`.text,
    [proof.eventId, proof.email, proof.code],
  )
  return rows[0]
}

/** The live registration of an address for an event. */
export async function findLiveRegistration(
  db: Queryable,
  eventId: string,
  email: string,
): Promise<(RegistrationRow & { readonly requestId: string | null }) | undefined> {
  const { rows } = await db.query<RegistrationRow & { readonly requestId: string | null }>(
    sql`select ${columns}, request_id as "requestId" from evt.registrations
     where event_id = $1 and attendee_email = $2 and state <> 'cancelled'`.text,
    [eventId, email],
  )
  return rows[0]
}

/** A registration to be. */
export interface NewRegistration {
  readonly eventId: string
  readonly ticketTypeId: string
  readonly userId: string | null
  readonly name: string
  readonly email: string
  readonly code: string
  readonly answers: Readonly<Record<string, string>>
  readonly requestId: string | null
  /** How long the seat is held for somebody who has to confirm; null is confirmed at once. */
  readonly reservedUntil: Date | null
}

const insertOne = sql`
insert into evt.registrations (org_unit_id, event_id, ticket_type_id, user_id, attendee_name,
  attendee_email, state, code, answers, request_id, reserved_until, confirmed_at)
select e.org_unit_id, e.id, t.id, $3, $4, $5,
  (case when $9::timestamptz is null then 'confirmed' else 'pending' end)::evt.registration_state,
  $6, $7::jsonb, $8, $9, case when $9::timestamptz is null then now() end
from evt.events e join evt.ticket_types t on t.event_id = e.id
where e.id = $1 and t.id = $2
on conflict do nothing
returning ${columns}`.text

/**
 * Adds a registration whose seat has been taken; undefined when the address has a live one already,
 * added at the same time.
 */
export async function insertRegistration(
  db: Queryable,
  wanted: NewRegistration,
): Promise<RegistrationRow | undefined> {
  const { rows } = await db.query<RegistrationRow>(insertOne, [
    wanted.eventId,
    wanted.ticketTypeId,
    wanted.userId,
    wanted.name,
    wanted.email,
    wanted.code,
    JSON.stringify(wanted.answers),
    wanted.requestId,
    wanted.reservedUntil,
  ])
  return rows[0]
}

/** Holds the seat of a lapsed reservation again that has not been swept yet. */
export async function renewLapsed(db: Queryable, id: string, until: Date): Promise<void> {
  await db.query(
    `update evt.registrations set reserved_until = $2
     where id = $1 and state = 'pending' and reserved_until <= now()`,
    [id, until],
  )
}

/** Confirms what is pending, in time, and for an event that takes place; else undefined. */
export async function confirmPending(
  db: Queryable,
  id: string,
): Promise<RegistrationRow | undefined> {
  const { rows } = await db.query<RegistrationRow>(
    sql`update evt.registrations
     set state = 'confirmed', confirmed_at = now(), reserved_until = null
     where id = $1 and state = 'pending' and reserved_until > now()
       and exists (select from evt.events e
         where e.id = event_id and e.status = 'published' and e.deleted_at is null)
     returning ${columns}`.text,
    [id],
  )
  return rows[0]
}

/** Cancels what is live and not at the door yet; its seat is not given back here. */
export async function cancelLive(db: Queryable, id: string): Promise<RegistrationRow | undefined> {
  const { rows } = await db.query<RegistrationRow>(
    sql`update evt.registrations r
     set state = 'cancelled', cancelled_at = now(), reserved_until = null
     where r.id = $1 and r.state <> 'cancelled'
       and not exists (select from evt.check_ins c
         where c.registration_id = r.id and c.revoked_at is null)
     returning ${columns}`.text,
    [id],
  )
  return rows[0]
}

/** Makes an anonymous registration the user's whose address it has. */
export async function adoptRegistration(db: Queryable, id: string, userId: string): Promise<void> {
  await db.query('update evt.registrations set user_id = $2 where id = $1 and user_id is null', [
    id,
    userId,
  ])
}

const cancelLapsed = `
update evt.registrations r
set state = 'cancelled', cancelled_at = now(), reserved_until = null
where r.id in (
  select id from evt.registrations
  where state = 'pending' and reserved_until <= now()
  order by reserved_until, id limit $1
  for no key update skip locked)
returning r.id, r.event_id as "eventId", r.ticket_type_id as "ticketTypeId"`

/** A reservation that lapsed. */
export interface LapsedReservation {
  readonly id: string
  readonly eventId: string
  readonly ticketTypeId: string
}

/** Cancels reservations whose time is over, oldest first; their seats are not given back here. */
export async function cancelLapsedReservations(
  db: Queryable,
  limit: number,
): Promise<LapsedReservation[]> {
  const { rows } = await db.query<LapsedReservation>(cancelLapsed, [limit])
  return rows
}
