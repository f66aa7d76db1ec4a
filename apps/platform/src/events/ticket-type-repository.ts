import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'

/** A row of `evt.ticket_types`, archived ones included. */
export interface TicketTypeRow {
  readonly id: string
  readonly eventId: string
  readonly name: string
  readonly description: string
  readonly priceCents: number
  readonly currency: string
  readonly quantity: number
  readonly sold: number
  readonly salesFrom: Date | null
  readonly salesUntil: Date | null
  readonly isHidden: boolean
  readonly createdAt: Date
  readonly archivedAt: Date | null
}

const columns = sql`id, event_id as "eventId", name, description, price_cents::float8 as "priceCents",
  currency::text, quantity, sold, sales_from as "salesFrom", sales_until as "salesUntil",
  is_hidden as "isHidden", created_at as "createdAt", archived_at as "archivedAt"`

/** An event has at most so many ticket types, so that a list of them is one page. */
const maxTicketTypes = 50

/** The ticket types of an event, in the order in which they were added. */
export async function listTicketTypes(db: Queryable, eventId: string): Promise<TicketTypeRow[]> {
  const { rows } = await db.query<TicketTypeRow>(
    sql`select ${columns} from evt.ticket_types where event_id = $1 order by created_at, id`.text,
    [eventId],
  )
  return rows
}

/** The ticket type, if the caller may see it. */
export async function findTicketType(
  db: Queryable,
  id: string,
): Promise<TicketTypeRow | undefined> {
  const { rows } = await db.query<TicketTypeRow>(
    sql`select ${columns} from evt.ticket_types where id = $1`.text,
    [id],
  )
  return rows[0]
}

/** What people say of a ticket type. */
export interface TicketTypeFields {
  readonly name: string
  readonly description: string
  readonly priceCents: number
  readonly currency: string
  readonly quantity: number
  readonly salesFrom: string | null
  readonly salesUntil: string | null
  readonly isHidden: boolean
}

function fieldValues(fields: TicketTypeFields): unknown[] {
  return [
    fields.name,
    fields.description,
    fields.priceCents,
    fields.currency,
    fields.quantity,
    fields.salesFrom,
    fields.salesUntil,
    fields.isHidden,
  ]
}

/**
 * Adds a ticket type to an event that is not over; undefined when the name is taken there or the
 * event takes no more types.
 */
export async function insertTicketType(
  db: Queryable,
  eventId: string,
  fields: TicketTypeFields,
): Promise<TicketTypeRow | undefined> {
  const { rows } = await db.query<TicketTypeRow>(
    sql`insert into evt.ticket_types (name, description, price_cents, currency, quantity, sales_from,
       sales_until, is_hidden, org_unit_id, event_id)
     select $1, $2, $3, $4, $5, $6, $7, $8, e.org_unit_id, e.id from evt.events e
     where e.id = $9 and e.deleted_at is null and e.status in ('draft', 'published')
       and (select count(*) from evt.ticket_types t where t.event_id = e.id) < $10
     on conflict do nothing returning ${columns}`.text,
    [...fieldValues(fields), eventId, maxTicketTypes],
  )
  return rows[0]
}

/** True when a live ticket type of the same event has the name. */
export async function isNameTaken(db: Queryable, id: string, name: string): Promise<boolean> {
  const { rows } = await db.query(
    `select from evt.ticket_types other join evt.ticket_types own on own.event_id = other.event_id
     where own.id = $1 and other.id <> $1 and other.name = $2 and other.archived_at is null`,
    [id, name],
  )
  return rows.length > 0
}

/** Replaces what people say of a live ticket type; undefined when more are sold than it would have. */
export async function updateTicketType(
  db: Queryable,
  id: string,
  fields: TicketTypeFields,
): Promise<TicketTypeRow | undefined> {
  const { rows } = await db.query<TicketTypeRow>(
    sql`update evt.ticket_types set name = $1, description = $2, price_cents = $3, currency = $4,
       quantity = $5, sales_from = $6, sales_until = $7, is_hidden = $8
     where id = $9 and archived_at is null and sold <= $5 returning ${columns}`.text,
    [...fieldValues(fields), id],
  )
  return rows[0]
}

/** Takes a ticket type off sale for good; what is sold stays valid. */
export async function archiveTicketType(
  db: Queryable,
  id: string,
): Promise<TicketTypeRow | undefined> {
  const { rows } = await db.query<TicketTypeRow>(
    sql`update evt.ticket_types set archived_at = now() where id = $1 and archived_at is null
     returning ${columns}`.text,
    [id],
  )
  return rows[0]
}

/** Whether a ticket type sells at this moment, and whether a seat is free. */
export interface Availability {
  readonly isOnSale: boolean
  readonly hasSeat: boolean
}

/** Of a live ticket type of a published event; undefined when there is none. */
export async function availabilityOf(
  db: Queryable,
  eventId: string,
  ticketTypeId: string,
): Promise<Availability | undefined> {
  const { rows } = await db.query<Availability>(
    `select e.ends_at > now() and (t.sales_from is null or t.sales_from <= now())
         and (t.sales_until is null or t.sales_until > now()) as "isOnSale",
       t.sold < t.quantity and e.places_taken < e.capacity as "hasSeat"
     from evt.ticket_types t join evt.events e on e.id = t.event_id
     where t.id = $2 and t.event_id = $1 and t.archived_at is null and e.deleted_at is null
       and e.status = 'published'`,
    [eventId, ticketTypeId],
  )
  return rows[0]
}
