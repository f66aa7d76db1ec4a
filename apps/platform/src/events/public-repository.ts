import { integer, sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import type { Cursor } from '../api/page.js'

/*
 * Read in mode `public`: the database shows published events of public tenants and what of their
 * ticket types is for sale, and of those rows the columns that the model publishes.
 */

/** A published event. */
export interface PublicEventRow {
  readonly id: string
  readonly tenantId: string
  readonly organization: string
  readonly organizationName: string
  readonly slug: string
  readonly title: string
  readonly summary: string
  readonly description: string
  readonly startsAt: Date
  readonly endsAt: Date
  readonly timeZone: string
  readonly venue: string | null
  readonly city: string | null
  readonly country: string | null
  readonly categories: string[]
}

const own = sql`e.id, e.tenant_id, e.slug, e.title, e.summary, e.description, e.starts_at, e.ends_at,
  e.time_zone, e.venue, e.city, e.country, e.categories`

const shown = sql`e.id, e.tenant_id as "tenantId", t.slug::text as organization,
  t.name as "organizationName", e.slug::text, e.title, e.summary, e.description,
  e.starts_at as "startsAt", e.ends_at as "endsAt", e.time_zone as "timeZone", e.venue, e.city,
  e.country::text, e.categories`

/** Which published events; what is null does not matter. */
export interface ListingFilter {
  readonly from: string
  readonly until: string | null
  /** What the title begins with, in any case. */
  readonly title: string | null
  readonly category: string | null
  readonly city: string | null
  readonly country: string | null
  readonly after: Cursor | null
  readonly limit: number
}

/** A statement with its values. */
export interface ListingQuery {
  readonly text: string
  readonly values: readonly unknown[]
}

/** The last code point: no title has it, so a prefix and it bound what begins with the prefix. */
const beyond = '\u{10FFFF}'

/**
 * The statement of a page of the listing. Conditions are written only for what is asked, so that each
 * has its plan, and with leakproof operators, which may use an index under RLS.
 */
export function listingQuery(filter: ListingFilter): ListingQuery {
  const values: unknown[] = [filter.limit + 1, filter.from]
  const conditions: Sql[] = [sql`e.starts_at >= $2::timestamptz`]
  const add = (
    condition: (parameter: Sql, next: Sql) => Sql,
    ...given: readonly unknown[]
  ): void => {
    const [first, second] = [parameter(values.length + 1), parameter(values.length + 2)]
    values.push(...given)
    conditions.push(condition(first, second))
  }
  if (filter.until !== null) add((p) => sql`e.starts_at < ${p}::timestamptz`, filter.until)
  if (filter.after !== null) {
    const { at, id } = filter.after
    add((p, q) => sql`(e.starts_at, e.id) > (${p}::timestamptz, ${q}::uuid)`, at, id)
  }
  if (filter.title !== null) {
    const prefix = filter.title.toLowerCase()
    add((p, q) => sql`e.title_key >= ${p} and e.title_key < ${q}`, prefix, prefix + beyond)
  }
  if (filter.city !== null) add((p) => sql`e.city_key = lower(${p})`, filter.city)
  if (filter.country !== null) add((p) => sql`e.country = ${p}::character(2)`, filter.country)
  const where = conditions.reduce((all, each) => sql`${all} and ${each}`)
  const events =
    filter.category === null
      ? page(where)
      : inCategory(where, parameter(values.push(filter.category)))
  // The names of the organisations are looked up for the rows of the page alone.
  return {
    text: sql`select ${shown} from (${events}) e join core.tenants t on t.id = e.tenant_id
      order by e.starts_at, e.id`.text,
    values,
  }
}

function page(where: Sql): Sql {
  return sql`select ${own} from evt.events e where ${where} order by e.starts_at, e.id limit $1`
}

/** Each place in the array has an index of its own; no category stands in two of them. */
function inCategory(where: Sql, category: Sql): Sql {
  const inPlace = (place: Sql): Sql =>
    sql`(${page(sql`${where} and e.categories[${place}] = ${category}`)})`
  return sql`select * from (${inPlace(sql`1`)} union all ${inPlace(sql`2`)}
    union all ${inPlace(sql`3`)}) e order by e.starts_at, e.id limit $1`
}

function parameter(number: number): Sql {
  return sql`$${integer(number)}`
}

/** Published events of all public tenants, soonest first; one more than the limit. */
export async function listPublicEvents(
  db: Queryable,
  filter: ListingFilter,
): Promise<PublicEventRow[]> {
  const { text, values } = listingQuery(filter)
  return (await db.query<PublicEventRow>(text, [...values])).rows
}

/** An organisation that has a public page. */
export interface PublicOrganizationRow {
  readonly id: string
  readonly slug: string
  readonly name: string
}

/** The organisation with that address. */
export async function findPublicOrganization(
  db: Queryable,
  slug: string,
): Promise<PublicOrganizationRow | undefined> {
  const { rows } = await db.query<PublicOrganizationRow>(
    'select id, slug::text, name from core.tenants where slug = $1',
    [slug],
  )
  return rows[0]
}

/** What an organisation has coming up, soonest first; one more than the limit. */
export async function listPublicEventsOf(
  db: Queryable,
  tenantId: string,
  filter: Pick<ListingFilter, 'from' | 'after' | 'limit'>,
): Promise<PublicEventRow[]> {
  const { rows } = await db.query<PublicEventRow>(
    sql`select ${shown} from evt.events e join core.tenants t on t.id = e.tenant_id
     where e.tenant_id = $1 and e.starts_at >= $2
       and ($3::timestamptz is null or (e.starts_at, e.id) > ($3, $4::uuid))
     order by e.starts_at, e.id limit $5`.text,
    [tenantId, filter.from, filter.after?.at ?? null, filter.after?.id ?? null, filter.limit + 1],
  )
  return rows
}

/** The event at the address that its organisation's slug and its own make together. */
export async function findPublicEvent(
  db: Queryable,
  organization: string,
  slug: string,
): Promise<PublicEventRow | undefined> {
  const { rows } = await db.query<PublicEventRow>(
    sql`select ${shown} from core.tenants t join evt.events e on e.tenant_id = t.id
     where t.slug = $1 and e.slug = $2`.text,
    [organization, slug],
  )
  return rows[0]
}

/** A ticket type that anybody may have. */
export interface PublicTicketTypeRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly priceCents: number
  readonly currency: string
  readonly salesFrom: Date | null
  readonly salesUntil: Date | null
  readonly isSoldOut: boolean
}

/** The public ticket types of a published event, cheapest first. */
export async function listPublicTicketTypes(
  db: Queryable,
  tenantId: string,
  eventId: string,
): Promise<PublicTicketTypeRow[]> {
  const { rows } = await db.query<PublicTicketTypeRow>(
    `select id, name, description, price_cents::float8 as "priceCents", currency::text,
       sales_from as "salesFrom", sales_until as "salesUntil", is_sold_out as "isSoldOut"
     from evt.ticket_types where tenant_id = $1 and event_id = $2 order by price_cents, name, id`,
    [tenantId, eventId],
  )
  return rows
}
