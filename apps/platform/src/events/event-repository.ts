import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import { byEnum, byInteger, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

export type EventStatus = 'draft' | 'published' | 'cancelled' | 'completed'

/** A row of `evt.events` that is not deleted. What an auditor may not read is null for one. */
export interface EventRow {
  readonly id: string
  readonly orgUnitId: string
  readonly slug: string
  readonly title: string
  readonly summary: string
  readonly description: string
  readonly status: EventStatus
  readonly startsAt: Date
  readonly endsAt: Date
  readonly timeZone: string
  readonly venue: string | null
  readonly city: string | null
  readonly country: string | null
  readonly categories: string[]
  readonly capacity: number
  readonly placesTaken: number
  readonly contactEmail: string | null
  readonly internalNote: string | null
  readonly createdAt: Date
  readonly publishedAt: Date | null
  readonly cancelledAt: Date | null
}

const columns = sql`id, org_unit_id as "orgUnitId", slug::text, title, summary, description, status,
  starts_at as "startsAt", ends_at as "endsAt", time_zone as "timeZone", venue, city, country,
  categories, capacity, places_taken as "placesTaken", contact_email::text as "contactEmail",
  internal_note as "internalNote", created_at as "createdAt",
  published_at as "publishedAt", cancelled_at as "cancelledAt"`

/** What events can be listed by. */
export type EventSort = 'title' | 'status' | 'startsAt' | 'city' | 'placesTaken' | 'createdAt'

/** The orders of the list of events. */
export const eventOrders: SortOrders<EventSort> = sortOrders(
  {
    title: byText(sql`title`),
    status: byEnum(sql`status`, sql`evt.event_status`),
    startsAt: byTime(sql`starts_at`),
    city: byText(sql`city`, { nullable: true }),
    placesTaken: byInteger(sql`places_taken`),
    createdAt: byTime(sql`created_at`),
  },
  '-createdAt',
)

/** Which events. */
export interface EventFilter extends PageFilter<EventSort> {
  readonly status: EventStatus | null
}

/** Events of the org units in scope, newest first. */
export async function listEvents(
  db: Queryable,
  mode: ContextMode,
  filter: EventFilter,
): Promise<Sorted<EventRow>[]> {
  const page = pageSql(eventOrders, filter)
  const { rows } = await db.query<Sorted<EventRow>>(
    sql`select ${columns}, ${page.column} from ${relationFor(mode, 'evt.events')}
     where deleted_at is null and ($4::evt.event_status is null or status = $4)
       and ${page.after} ${page.orderAndLimit}`.text,
    [...page.values, filter.status],
  )
  return rows
}

/** The event, if the caller may see it. */
export async function findEvent(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<EventRow | undefined> {
  const { rows } = await db.query<EventRow>(
    sql`select ${columns} from ${relationFor(mode, 'evt.events')}
     where id = $1 and deleted_at is null`.text,
    [id],
  )
  return rows[0]
}

/** What people say of an event. */
export interface EventFields {
  readonly slug: string
  readonly title: string
  readonly summary: string
  readonly description: string
  readonly startsAt: string
  readonly endsAt: string
  readonly timeZone: string
  readonly venue: string | null
  readonly city: string | null
  readonly country: string | null
  readonly categories: readonly string[]
  readonly capacity: number
  readonly contactEmail: string | null
  readonly internalNote: string | null
}

function fieldValues(fields: EventFields): unknown[] {
  return [
    fields.slug,
    fields.title,
    fields.summary,
    fields.description,
    fields.startsAt,
    fields.endsAt,
    fields.timeZone,
    fields.venue,
    fields.city,
    fields.country,
    fields.categories,
    fields.capacity,
    fields.contactEmail,
    fields.internalNote,
  ]
}

/** Adds a draft; undefined when the tenant has an event of that slug. */
export async function insertEvent(
  db: Queryable,
  place: { readonly orgUnitId: string; readonly createdBy: string },
  fields: EventFields,
): Promise<EventRow | undefined> {
  const { rows } = await db.query<EventRow>(
    sql`insert into evt.events (slug, title, summary, description, starts_at, ends_at, time_zone,
       venue, city, country, categories, capacity, contact_email, internal_note, org_unit_id,
       created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     on conflict do nothing returning ${columns}`.text,
    [...fieldValues(fields), place.orgUnitId, place.createdBy],
  )
  return rows[0]
}

/** True when a live event of the tenant, in any org unit that the caller sees, has the slug. */
export async function isSlugTaken(db: Queryable, slug: string, exceptId: string): Promise<boolean> {
  const { rows } = await db.query(
    'select from evt.events where slug = $1 and deleted_at is null and id <> $2 limit 1',
    [slug, exceptId],
  )
  return rows.length > 0
}

/**
 * Replaces what people say of an event that takes place; undefined when it is not there, is over or
 * called off, or when more places are taken than it would have.
 */
export async function updateEvent(
  db: Queryable,
  id: string,
  fields: EventFields,
): Promise<EventRow | undefined> {
  const { rows } = await db.query<EventRow>(
    sql`update evt.events set slug = $1, title = $2, summary = $3, description = $4,
       starts_at = $5, ends_at = $6, time_zone = $7, venue = $8, city = $9, country = $10,
       categories = $11, capacity = $12, contact_email = $13, internal_note = $14
     where id = $15 and deleted_at is null and status in ('draft', 'published')
       and places_taken <= $12
     returning ${columns}`.text,
    [...fieldValues(fields), id],
  )
  return rows[0]
}

const moves = {
  publish: sql`status = 'published', published_at = now()
    where status = 'draft' and ends_at > now()`,
  cancel: sql`status = 'cancelled', cancelled_at = now() where status in ('draft', 'published')`,
  complete: sql`status = 'completed' where status = 'published' and starts_at <= now()`,
  remove: sql`deleted_at = now() where (status <> 'published' or places_taken = 0)`,
} as const

/** What can be done to an event as a whole; `remove` hides it from everybody. */
export type EventMove = keyof typeof moves

/** Makes a move from a state that allows it; else undefined. */
export async function moveEvent(
  db: Queryable,
  id: string,
  move: EventMove,
): Promise<EventRow | undefined> {
  const { rows } = await db.query<EventRow>(
    sql`update evt.events set ${moves[move]} and id = $1 and deleted_at is null
     returning ${columns}`.text,
    [id],
  )
  return rows[0]
}
