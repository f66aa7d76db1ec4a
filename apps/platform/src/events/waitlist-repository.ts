import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import { byEnum, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

export type WaitlistState = 'waiting' | 'offered' | 'accepted' | 'withdrawn' | 'expired'

/** A row of `evt.waitlist_entries`. What an auditor may not read is null for one. */
export interface WaitlistRow {
  readonly id: string
  readonly eventId: string
  readonly ticketTypeId: string | null
  readonly userId: string | null
  readonly name: string | null
  readonly email: string | null
  readonly state: WaitlistState
  readonly joinedAt: Date
  readonly offeredUntil: Date | null
  readonly registrationId: string | null
}

const columns = sql`id, event_id as "eventId", ticket_type_id as "ticketTypeId",
  user_id as "userId", name, email::text, state, joined_at as "joinedAt",
  offered_until as "offeredUntil", registration_id as "registrationId"`

/** What entries can be listed by. */
export type WaitlistSort = 'name' | 'email' | 'state' | 'joinedAt' | 'offeredUntil'

/** The orders of the list of entries. */
export const waitlistOrders: SortOrders<WaitlistSort> = sortOrders(
  {
    name: byText(sql`name`, { nullable: true }),
    email: byText(sql`email`, { nullable: true }),
    state: byEnum(sql`state`, sql`evt.waitlist_state`),
    joinedAt: byTime(sql`joined_at`),
    offeredUntil: byTime(sql`offered_until`, { nullable: true }),
  },
  '-joinedAt',
)

/** The waiting list of an event, newest first. */
export async function listWaitlist(
  db: Queryable,
  mode: ContextMode,
  filter: PageFilter<WaitlistSort> & {
    readonly eventId: string
    readonly state: WaitlistState | null
  },
): Promise<Sorted<WaitlistRow>[]> {
  const page = pageSql(waitlistOrders, filter)
  const { rows } = await db.query<Sorted<WaitlistRow>>(
    sql`select ${columns}, ${page.column} from ${relationFor(mode, 'evt.waitlist_entries')}
     where event_id = $4 and ($5::evt.waitlist_state is null or state = $5)
       and ${page.after} ${page.orderAndLimit}`.text,
    [...page.values, filter.eventId, filter.state],
  )
  return rows
}

/** The entry, if the caller may see it; with a user, only one of that user. */
export async function findWaitlistEntry(
  db: Queryable,
  id: string,
  userId: string | null,
): Promise<WaitlistRow | undefined> {
  const { rows } = await db.query<WaitlistRow>(
    sql`select ${columns} from evt.waitlist_entries
     where id = $1 and ($2::uuid is null or user_id = $2)`.text,
    [id, userId],
  )
  return rows[0]
}

/** The user's own live entries, as far as the caller may see them. */
export async function listWaitlistOf(db: Queryable, userId: string): Promise<WaitlistRow[]> {
  const { rows } = await db.query<WaitlistRow>(
    sql`select ${columns} from evt.waitlist_entries
     where user_id = $1 and state in ('waiting', 'offered') order by joined_at, id limit 100`.text,
    [userId],
  )
  return rows
}

/** The code that opens an entry; it goes to the address and to nobody else. */
export async function findWaitlistCode(db: Queryable, id: string): Promise<string | null> {
  const { rows } = await db.query<{ code: string }>(
    'select code from evt.waitlist_entries where id = $1',
    [id],
  )
  return rows[0]?.code ?? null
}

/** The latest entry that somebody without a login proves to be theirs by address and code. */
export async function findWaitlistEntryByCode(
  db: Queryable,
  proof: { readonly eventId: string; readonly email: string; readonly code: string },
): Promise<WaitlistRow | undefined> {
  const { rows } = await db.query<WaitlistRow>(
    sql`select ${columns} from evt.waitlist_entries
     where event_id = $1 and email = $2 and code = $3 order by joined_at desc limit 1`.text,
    [proof.eventId, proof.email, proof.code],
  )
  return rows[0]
}

/** The live entry of an address for an event. */
export async function findLiveWaitlistEntry(
  db: Queryable,
  eventId: string,
  email: string,
): Promise<WaitlistRow | undefined> {
  const { rows } = await db.query<WaitlistRow>(
    sql`select ${columns} from evt.waitlist_entries
     where event_id = $1 and email = $2 and state in ('waiting', 'offered')`.text,
    [eventId, email],
  )
  return rows[0]
}

/** Somebody who wants to wait. */
export interface NewWaitlistEntry {
  readonly eventId: string
  /** Null: any ticket type of the event will do. */
  readonly ticketTypeId: string | null
  readonly userId: string | null
  readonly name: string
  readonly email: string
}

/** Adds an entry at the end; undefined when the address waits for that event already. */
export async function insertWaitlistEntry(
  db: Queryable,
  wanted: NewWaitlistEntry,
): Promise<WaitlistRow | undefined> {
  const { rows } = await db.query<WaitlistRow>(
    sql`insert into evt.waitlist_entries (org_unit_id, event_id, ticket_type_id, user_id, name, email)
     select e.org_unit_id, e.id, $2, $3, $4, $5 from evt.events e where e.id = $1
     on conflict do nothing returning ${columns}`.text,
    [wanted.eventId, wanted.ticketTypeId, wanted.userId, wanted.name, wanted.email],
  )
  return rows[0]
}

/** How many come before a waiting entry, itself included; null for one that does not wait. */
export async function positionOf(db: Queryable, entryId: string): Promise<number | null> {
  const { rows } = await db.query<{ position: number }>(
    `select (select count(*) from evt.waitlist_entries w
       where w.event_id = own.event_id and w.state = 'waiting'
         and (w.joined_at, w.id) <= (own.joined_at, own.id)
         and (w.ticket_type_id is null or own.ticket_type_id is null
           or w.ticket_type_id = own.ticket_type_id))::integer as position
     from evt.waitlist_entries own where own.id = $1 and own.state = 'waiting'`,
    [entryId],
  )
  return rows[0]?.position ?? null
}

const waitedFor = `
select from evt.waitlist_entries w join evt.ticket_types t on t.event_id = w.event_id
where t.id = $1 and w.state = 'waiting' and (w.ticket_type_id = t.id or w.ticket_type_id is null)
limit 1`

/** Whether anybody waits for a seat of the ticket type. */
export async function isWaitedFor(db: Queryable, ticketTypeId: string): Promise<boolean> {
  return (await db.query(waitedFor, [ticketTypeId])).rows.length > 0
}

/** The next who waits for a seat of the ticket type, locked; entries that others work on are skipped. */
export async function lockNextWaiting(
  db: Queryable,
  ticketTypeId: string,
): Promise<WaitlistRow | undefined> {
  const { rows } = await db.query<WaitlistRow>(
    sql`select ${columns} from evt.waitlist_entries
     where state = 'waiting' and event_id = (select event_id from evt.ticket_types where id = $1)
       and (ticket_type_id = $1 or ticket_type_id is null)
     order by waitlist_entries.joined_at, id limit 1 for update skip locked`.text,
    [ticketTypeId],
  )
  return rows[0]
}

const endOfOffer = `
select least(now() + interval '24 hours', greatest(starts_at, now() + interval '1 hour')) as until
from evt.events where id = $1`

/** How long a seat offered now is held: a day, but not beyond the start unless that is very near. */
export async function offerEnd(db: Queryable, eventId: string): Promise<Date> {
  const { rows } = await db.query<{ until: Date }>(endOfOffer, [eventId])
  return rows[0]?.until ?? new Date()
}

/** Marks a waiting entry as offered the seat that the registration holds. */
export async function markOffered(
  db: Queryable,
  id: string,
  offer: { readonly registrationId: string; readonly until: Date },
): Promise<void> {
  await db.query(
    `update evt.waitlist_entries set state = 'offered', registration_id = $2, offered_until = $3
     where id = $1`,
    [id, offer.registrationId, offer.until],
  )
}

/** Ends entries that were offered the seats of these registrations. */
export async function settleOffers(
  db: Queryable,
  registrationIds: readonly string[],
  state: 'accepted' | 'withdrawn' | 'expired',
): Promise<void> {
  await db.query(
    `update evt.waitlist_entries set state = $2::evt.waitlist_state
     where registration_id = any ($1::uuid[]) and state = 'offered'`,
    [registrationIds, state],
  )
}

/** Takes a waiting entry off the list; undefined when it does not wait. */
export async function withdrawWaiting(db: Queryable, id: string): Promise<WaitlistRow | undefined> {
  const { rows } = await db.query<WaitlistRow>(
    sql`update evt.waitlist_entries set state = 'withdrawn' where id = $1 and state = 'waiting'
     returning ${columns}`.text,
    [id],
  )
  return rows[0]
}

const promotable = `
select t.id from evt.ticket_types t join evt.events e on e.id = t.event_id
where t.archived_at is null and t.sold < t.quantity and e.places_taken < e.capacity
  and e.status = 'published' and e.deleted_at is null and e.ends_at > now()
  and exists (select from evt.waitlist_entries w
    where w.event_id = t.event_id and w.state = 'waiting'
      and (w.ticket_type_id = t.id or w.ticket_type_id is null))
order by t.id limit $1`

/** Ticket types of the tenant with a free seat and somebody who waits for it. */
export async function promotableTicketTypes(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(promotable, [limit])
  return rows.map(({ id }) => id)
}
