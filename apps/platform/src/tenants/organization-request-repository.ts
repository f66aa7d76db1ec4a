import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What became of a request. */
export type RequestStatus = 'pending' | 'approved' | 'rejected'

/** A request for a new organisation, as its author sees it. */
export interface OrganizationRequestRow {
  readonly id: string
  readonly organization_name: string
  readonly slug: string
  readonly message: string | null
  readonly status: RequestStatus
  readonly decided_at: Date | null
  readonly decision_note: string | null
  readonly created_at: Date
}

/** As platform staff see it. */
export interface PlatformRequestRow extends OrganizationRequestRow {
  readonly requested_by: string
  readonly requester_email: string
  readonly decided_by: string | null
}

const own = sql`id, organization_name, slug::text as slug, message, status, decided_at, decision_note,
  created_at`

/** What requests of the caller can be listed by. */
export type OwnRequestSort = 'createdAt'

/** The orders of the list of requests of the caller. */
export const ownRequestOrders: SortOrders<OwnRequestSort> = sortOrders(
  { createdAt: byTime(sql`created_at`) },
  '-createdAt',
)

/** The caller's own requests, newest first; one more than the limit. */
export async function listOwnRequests(
  db: Queryable,
  filter: PageFilter<OwnRequestSort>,
): Promise<Sorted<OrganizationRequestRow>[]> {
  const page = pageSql(ownRequestOrders, filter)
  const { rows } = await db.query<Sorted<OrganizationRequestRow>>(
    sql`select ${own}, ${page.column} from core.organization_requests
      where ${page.after} ${page.orderAndLimit}`.text,
    [...page.values],
  )
  return rows
}

/** Asks for an organisation; undefined when a request of the caller is pending. */
export async function insertRequest(
  db: Queryable,
  request: {
    readonly userId: string
    readonly organizationName: string
    readonly slug: string
    readonly message: string | null
  },
): Promise<OrganizationRequestRow | undefined> {
  const { userId, organizationName, slug, message } = request
  const { rows } = await db.query<OrganizationRequestRow>(
    sql`insert into core.organization_requests (requested_by, organization_name, slug, message)
      values ($1, $2, $3, $4)
      on conflict (requested_by) where status = 'pending' do nothing returning ${own}`.text,
    [userId, organizationName, slug, message],
  )
  return rows[0]
}

/** Takes a pending request of the caller back; false when there is none. */
export async function deleteRequest(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query(
    `delete from core.organization_requests where id = $1 and status = 'pending' returning id`,
    [id],
  )
  return rows.length === 1
}

/** A request of the caller. */
export async function findOwnRequest(
  db: Queryable,
  id: string,
): Promise<OrganizationRequestRow | undefined> {
  const { rows } = await db.query<OrganizationRequestRow>(
    sql`select ${own} from core.organization_requests where id = $1`.text,
    [id],
  )
  return rows[0]
}

/** What requests of everybody can be listed by. */
export type RequestSort = 'createdAt' | 'organizationName'

/** The orders of the list of requests of everybody; its function has the same. */
export const requestOrders: SortOrders<RequestSort> = sortOrders(
  {
    createdAt: byTime(sql`created_at`),
    organizationName: byText(sql`organization_name`),
  },
  '-createdAt',
)

/** A page of everybody's requests; one more than the limit. As platform staff. */
export async function listRequests(
  db: Queryable,
  filter: PageFilter<RequestSort> & { readonly status: RequestStatus | null },
): Promise<Sorted<PlatformRequestRow>[]> {
  const { column, order, values } = pageSql(requestOrders, filter)
  const { rows } = await db.query<Sorted<PlatformRequestRow>>(
    sql`select *, ${column} from core.organization_requests_for_platform(
      $4::core.request_status, $5, $1, $2::uuid, $3) ${order}`.text,
    [...values, filter.status, filter.sort],
  )
  return rows
}

/** A request of anybody. As platform staff. */
export async function findRequest(
  db: Queryable,
  id: string,
): Promise<PlatformRequestRow | undefined> {
  const { rows } = await db.query<PlatformRequestRow>(
    'select * from core.organization_request_for_platform($1)',
    [id],
  )
  return rows[0]
}

/** Decides a pending request of somebody else; false when there is no such one. As platform staff. */
export async function decideRequest(
  db: Queryable,
  id: string,
  decision: Exclude<RequestStatus, 'pending'>,
  note: string | null,
): Promise<boolean> {
  const { rows } = await db.query(
    'select id from core.decide_organization_request($1, $2::core.request_status, $3)',
    [id, decision, note],
  )
  return rows.length === 1
}
