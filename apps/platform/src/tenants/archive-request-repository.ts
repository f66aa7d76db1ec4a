import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'
import type { RequestStatus } from './organization-request-repository.js'

/** The wish of a tenant to be archived, as the tenant sees it. */
export interface ArchiveRequestRow {
  readonly id: string
  readonly reason: string
  readonly requested_by: string
  readonly status: RequestStatus
  readonly decided_at: Date | null
  readonly decision_note: string | null
  readonly created_at: Date
}

/** As platform staff see it. */
export interface PlatformArchiveRequestRow extends ArchiveRequestRow {
  readonly tenant_id: string
  readonly tenant_name: string
  readonly requester_email: string
  readonly decided_by: string | null
}

const own = sql`id, reason, requested_by, status, decided_at, decision_note, created_at`

/** What the tenant's requests can be listed by. */
export type OwnArchiveRequestSort = 'createdAt'

/** The orders of the list of the tenant's requests. */
export const ownArchiveRequestOrders: SortOrders<OwnArchiveRequestSort> = sortOrders(
  { createdAt: byTime(sql`created_at`) },
  '-createdAt',
)

/** A page of the tenant's own requests; one more than the limit. */
export async function listArchiveRequests(
  db: Queryable,
  filter: PageFilter<OwnArchiveRequestSort>,
): Promise<Sorted<ArchiveRequestRow>[]> {
  const page = pageSql(ownArchiveRequestOrders, filter)
  const { rows } = await db.query<Sorted<ArchiveRequestRow>>(
    sql`select ${own}, ${page.column} from core.archive_requests
      where ${page.after} ${page.orderAndLimit}`.text,
    [...page.values],
  )
  return rows
}

/** The name of the tenant of the transaction. */
export async function tenantName(db: Queryable, tenantId: string): Promise<string | undefined> {
  const { rows } = await db.query<{ name: string }>('select name from core.tenants where id = $1', [
    tenantId,
  ])
  return rows[0]?.name
}

/** Asks that the tenant be archived; undefined when such a request is pending. As a job of it. */
export async function insertArchiveRequest(
  db: Queryable,
  request: { readonly tenantId: string; readonly userId: string; readonly reason: string },
): Promise<ArchiveRequestRow | undefined> {
  const { rows } = await db.query<ArchiveRequestRow>(
    sql`insert into core.archive_requests (tenant_id, requested_by, reason) values ($1, $2, $3)
      on conflict (tenant_id) where status = 'pending' do nothing returning ${own}`.text,
    [request.tenantId, request.userId, request.reason],
  )
  return rows[0]
}

/** A request of the tenant, locked against changes. As a job of it. */
export async function holdArchiveRequest(
  db: Queryable,
  id: string,
): Promise<ArchiveRequestRow | undefined> {
  const { rows } = await db.query<ArchiveRequestRow>(
    sql`select ${own} from core.archive_requests where id = $1 for update`.text,
    [id],
  )
  return rows[0]
}

/** Decides a pending request. As a job of the tenant. */
export async function decideArchiveRequest(
  db: Queryable,
  id: string,
  decision: {
    readonly status: Exclude<RequestStatus, 'pending'>
    readonly userId: string
    readonly note: string | null
  },
): Promise<void> {
  await db.query(
    `update core.archive_requests set status = $2::core.request_status, decided_by = $3,
       decided_at = now(), decision_note = $4 where id = $1 and status = 'pending'`,
    [id, decision.status, decision.userId, decision.note],
  )
}

/** What requests of every tenant can be listed by. */
export type ArchiveRequestSort = 'createdAt' | 'tenantName'

/** The orders of the list of requests of every tenant; its function has the same. */
export const archiveRequestOrders: SortOrders<ArchiveRequestSort> = sortOrders(
  { createdAt: byTime(sql`created_at`), tenantName: byText(sql`tenant_name`) },
  '-createdAt',
)

/** A page of the requests of every tenant; one more than the limit. As platform staff. */
export async function listArchiveRequestsOfAll(
  db: Queryable,
  filter: PageFilter<ArchiveRequestSort> & { readonly status: RequestStatus | null },
): Promise<Sorted<PlatformArchiveRequestRow>[]> {
  const { column, order, values } = pageSql(archiveRequestOrders, filter)
  const { rows } = await db.query<Sorted<PlatformArchiveRequestRow>>(
    sql`select *, ${column} from core.archive_requests_for_platform(
      $4::core.request_status, $5, $1, $2::uuid, $3) ${order}`.text,
    [...values, filter.status, filter.sort],
  )
  return rows
}
