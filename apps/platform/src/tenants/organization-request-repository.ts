import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { afterRow, exactTime, newestRowFirst, pageValues } from '../database/keyset.js'
import type { CursorRow, PageFilter } from '../database/keyset.js'

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

const created = sql`created_at`
const own = sql`id, organization_name, slug::text as slug, message, status, decided_at, decision_note,
  created_at`

/** The caller's own requests, newest first; one more than the limit. */
export async function listOwnRequests(
  db: Queryable,
  filter: PageFilter,
): Promise<OrganizationRequestRow[]> {
  const { rows } = await db.query<OrganizationRequestRow>(
    sql`select ${own} from core.organization_requests
      where ${afterRow(sql`core.organization_requests`, created, filter)} ${newestRowFirst(created)}`
      .text,
    [...pageValues(filter)],
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

/** Everybody's requests, newest first; one more than the limit. As platform staff. */
export async function listRequests(
  db: Queryable,
  filter: PageFilter & { readonly status: RequestStatus | null },
): Promise<(PlatformRequestRow & CursorRow)[]> {
  const { rows } = await db.query<PlatformRequestRow & CursorRow>(
    sql`select *, ${exactTime(sql`created_at`)} as cursor_time
     from core.organization_requests_for_platform(
       $1::core.request_status, $2::timestamptz, $3::uuid, $4)`.text,
    [filter.status, filter.after?.at ?? null, filter.after?.id ?? null, filter.limit + 1],
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
