import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import { byEnum, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What receives. */
export type DestinationKind = 'webhook' | 'siem' | 'ticketing'

/** How a secret is used. */
export type CredentialKind = 'hmac' | 'bearer' | 'basic'

/** What is told of a secret: never the secret. */
export interface ShownCredential {
  readonly kind: CredentialKind
  /** The last characters of a long secret; null for an auditor. */
  readonly hint: string | null
  readonly version: number
  readonly createdAt: string
}

/** A destination as the API shows it; the URL is null for an auditor. */
export interface DestinationRow {
  readonly id: string
  readonly name: string
  readonly kind: DestinationKind
  readonly url: string | null
  readonly eventTypes: string[]
  readonly isEnabled: boolean
  readonly credential: ShownCredential | null
  readonly createdBy: string | null
  readonly createdAt: Date
}

/** Which destinations. */
export interface DestinationFilter extends PageFilter<DestinationSort> {
  readonly kind: DestinationKind | null
  readonly isEnabled: boolean | null
  /** Part of the name. */
  readonly search: string | null
}

/** What makes a destination. */
export interface NewDestination {
  readonly name: string
  readonly kind: DestinationKind
  readonly url: string
  readonly eventTypes: readonly string[]
  readonly isEnabled: boolean
}

/** What is to change; what is absent stays. */
export type DestinationChange = {
  readonly [Key in Exclude<keyof NewDestination, 'kind'>]?: NewDestination[Key] | undefined
}

const createdAt = sql`created_at`

function columnsFor(mode: ContextMode): Sql {
  return sql`id, name, kind, url, event_types as "eventTypes", is_enabled as "isEnabled",
    (select jsonb_build_object('kind', c.kind, 'hint', c.secret_hint, 'version', c.version,
       'createdAt', to_char(c.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
     from ${relationFor(mode, 'sec.integration_credentials')} c
     where c.destination_id = destination.id and c.retired_at is null) as credential,
    created_by as "createdBy", ${createdAt} as "createdAt"`
}

/** What destinations can be listed by. */
export type DestinationSort = 'name' | 'kind' | 'url' | 'createdAt'

/** The orders of the list of destinations. */
export const destinationOrders: SortOrders<DestinationSort> = sortOrders(
  {
    name: byText(sql`name`),
    kind: byEnum(sql`kind`, sql`sec.destination_kind`),
    url: byText(sql`url`, { nullable: true }),
    createdAt: byTime(sql`created_at`),
  },
  '-createdAt',
)

/** Destinations that are not deleted, from the newest on. */
export async function listDestinations(
  db: Queryable,
  mode: ContextMode,
  filter: DestinationFilter,
): Promise<Sorted<DestinationRow>[]> {
  const page = pageSql(destinationOrders, filter)
  const { rows } = await db.query<Sorted<DestinationRow>>(
    sql`select ${columnsFor(mode)}, ${page.column} from ${relationFor(mode, 'sec.integration_destinations')} destination
     where ${page.after} and deleted_at is null
       and ($4::sec.destination_kind is null or kind = $4)
       and ($5::boolean is null or is_enabled = $5)
       and ($6::text is null or strpos(lower(name), lower($6)) > 0)
     ${page.orderAndLimit}`.text,
    [...page.values, filter.kind, filter.isEnabled, filter.search],
  )
  return rows
}

/** The destination, unless it is deleted. */
export async function findDestination(
  db: Queryable,
  mode: ContextMode,
  id: string,
): Promise<DestinationRow | undefined> {
  const { rows } = await db.query<DestinationRow>(
    sql`select ${columnsFor(mode)} from ${relationFor(mode, 'sec.integration_destinations')} destination
     where id = $1 and deleted_at is null`.text,
    [id],
  )
  return rows[0]
}

/** A new destination; returns its id, or undefined when another one has the name. */
export async function insertDestination(
  db: Queryable,
  destination: NewDestination,
  userId: string,
): Promise<string | undefined> {
  const { name, kind, url, eventTypes, isEnabled } = destination
  const { rows } = await db.query<{ id: string }>(
    `insert into sec.integration_destinations
       (name, kind, url, event_types, is_enabled, created_by)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, name) where deleted_at is null do nothing
     returning id`,
    [name, kind, url, eventTypes, isEnabled, userId],
  )
  return rows[0]?.id
}

/**
 * The URL of a destination, which nobody else changes until the transaction ends; undefined when it
 * is deleted or never was.
 */
export async function lockDestination(db: Queryable, id: string): Promise<string | undefined> {
  const { rows } = await db.query<{ url: string }>(
    `select url from sec.integration_destinations
     where id = $1 and deleted_at is null for no key update`,
    [id],
  )
  return rows[0]?.url
}

/** True when a live destination other than `id` has the name. */
export async function isNameTaken(db: Queryable, id: string, name: string): Promise<boolean> {
  const { rows } = await db.query(
    `select from sec.integration_destinations
     where name = $2 and id <> $1 and deleted_at is null`,
    [id, name],
  )
  return rows.length > 0
}

/** Changes a live destination. */
export async function updateDestination(
  db: Queryable,
  id: string,
  { name, url, eventTypes, isEnabled }: DestinationChange,
): Promise<void> {
  await db.query(
    `update sec.integration_destinations set name = coalesce($2, name), url = coalesce($3, url),
       event_types = coalesce($4, event_types), is_enabled = coalesce($5, is_enabled)
     where id = $1 and deleted_at is null`,
    [id, name ?? null, url ?? null, eventTypes ?? null, isEnabled ?? null],
  )
}

/** Deletes a destination as far as anybody can see; what was delivered to it stays on record. */
export async function deleteDestination(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update sec.integration_destinations set deleted_at = now(), is_enabled = false
     where id = $1 and deleted_at is null`,
    [id],
  )
  return rowCount === 1
}
