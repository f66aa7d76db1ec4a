import type { Queryable } from 'watertight/sql'

/*
 * INVARIANT: `ticket_types.sold` is the number of live registrations of the type, and
 * `events.places_taken` that of the event. Every transaction locks ticket types before events, each in
 * the order of their ids, so that no two wait for each other.
 */

const takeOne = `
with type as (
  select id, event_id from evt.ticket_types
  where id = $1 and archived_at is null and sold < quantity
  for no key update),
place as (
  update evt.events e set places_taken = e.places_taken + 1 from type
  where e.id = type.event_id and e.places_taken < e.capacity and e.status = 'published'
    and e.deleted_at is null
  returning e.id)
update evt.ticket_types t set sold = t.sold + 1 from type, place
where t.id = type.id and place.id = type.event_id
returning t.id`

/**
 * Takes a seat of a published event, or none: never one more than the ticket type or the event has,
 * however many ask at once. The rows stay locked until the transaction ends.
 */
export async function takeSeat(db: Queryable, ticketTypeId: string): Promise<boolean> {
  const { rows } = await db.query(takeOne, [ticketTypeId])
  return rows.length === 1
}

const lockTypes = `
select id from evt.ticket_types where id = any ($1::uuid[]) order by id for no key update`

const giveBackTypes = `
update evt.ticket_types t set sold = t.sold - given.seats
from (select id, count(*)::integer as seats from unnest($1::uuid[]) id group by id) given
where t.id = given.id`

const lockEvents = `
select id from evt.events
where id in (select event_id from evt.ticket_types where id = any ($1::uuid[]))
order by id for no key update`

const giveBackPlaces = `
update evt.events e set places_taken = e.places_taken - given.seats
from (select t.event_id, count(*)::integer as seats
      from unnest($1::uuid[]) seat join evt.ticket_types t on t.id = seat
      group by t.event_id) given
where e.id = given.event_id`

/** Gives seats back: the ticket type of each, as often as it is given. */
export async function giveBackSeats(
  db: Queryable,
  ticketTypeIds: readonly string[],
): Promise<void> {
  if (ticketTypeIds.length === 0) return
  for (const text of [lockTypes, giveBackTypes, lockEvents, giveBackPlaces]) {
    await db.query(text, [ticketTypeIds])
  }
}
