import type { Queryable } from 'watertight/sql'
import { sql } from 'watertight/sql'
import { byEnum, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What an access grant opens. */
export type GrantMode = 'auditor' | 'platform'

/** How a request stands. */
export type GrantRequestStatus = 'pending' | 'approved' | 'rejected'

/** A row of `core.access_grant_requests`. */
export interface GrantRequestRow {
  readonly id: string
  readonly grantee_id: string
  readonly mode: GrantMode
  readonly can_write: boolean
  readonly reason: string
  readonly starts_at: Date
  readonly expires_at: Date
  readonly requested_by: string
  readonly created_at: Date
  readonly status: GrantRequestStatus
  readonly decided_by: string | null
  readonly decided_at: Date | null
  readonly decision_note: string | null
  readonly access_grant_id: string | null
}

/** What somebody asks for. */
export interface WantedGrant {
  readonly tenantId: string
  readonly granteeId: string
  readonly mode: GrantMode
  readonly canWrite: boolean
  readonly reason: string
  /** ISO 8601. */
  readonly startsAt: string
  /** ISO 8601. */
  readonly expiresAt: string
  readonly requestedBy: string
}

const columns = sql`id, grantee_id, mode, can_write, reason, starts_at, expires_at, requested_by,
  created_at, status, decided_by, decided_at, decision_note,
  access_grant_id`

/** What requests can be listed by. */
export type GrantRequestSort = 'mode' | 'status' | 'startsAt' | 'createdAt'

/** The orders of the list of requests. */
export const grantRequestOrders: SortOrders<GrantRequestSort> = sortOrders(
  {
    mode: byEnum(sql`mode`, sql`core.grant_mode`),
    status: byEnum(sql`status`, sql`core.grant_request_status`),
    startsAt: byTime(sql`starts_at`),
    createdAt: byTime(sql`created_at`),
  },
  '-createdAt',
)

/** Requests of the tenant, newest first. */
export async function listGrantRequests(
  db: Queryable,
  filter: PageFilter<GrantRequestSort> & { readonly status: GrantRequestStatus | null },
): Promise<Sorted<GrantRequestRow>[]> {
  const page = pageSql(grantRequestOrders, filter)
  const { rows } = await db.query<Sorted<GrantRequestRow>>(
    sql`select ${columns}, ${page.column} from core.access_grant_requests
      where ${page.after}
        and ($4::core.grant_request_status is null or status = $4)
      ${page.orderAndLimit}`.text,
    [...page.values, filter.status],
  )
  return rows
}

/** Records a request; it opens nothing. */
export async function insertGrantRequest(
  db: Queryable,
  wanted: WantedGrant,
): Promise<GrantRequestRow> {
  const { rows } = await db.query<GrantRequestRow>(
    sql`insert into core.access_grant_requests
      (tenant_id, grantee_id, mode, can_write, reason, starts_at, expires_at, requested_by)
      values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`.text,
    [
      wanted.tenantId,
      wanted.granteeId,
      wanted.mode,
      wanted.canWrite,
      wanted.reason,
      wanted.startsAt,
      wanted.expiresAt,
      wanted.requestedBy,
    ],
  )
  const [row] = rows
  if (row === undefined) throw new Error('the request was hidden from who made it')
  return row
}

/** The request, held for a decision until the transaction ends. */
export async function holdGrantRequest(
  db: Queryable,
  id: string,
): Promise<(GrantRequestRow & { readonly is_over: boolean }) | undefined> {
  const { rows } = await db.query<GrantRequestRow & { readonly is_over: boolean }>(
    sql`select ${columns}, expires_at <= clock_timestamp() as is_over
      from core.access_grant_requests where id = $1 for update`.text,
    [id],
  )
  return rows[0]
}

/** What was decided, and by whom. */
export interface GrantDecision {
  readonly decidedBy: string
  readonly note: string | null
  /** Null for a rejection. */
  readonly grantId: string | null
}

/** Writes a decision down; undefined when the request is decided already. */
export async function decideGrantRequest(
  db: Queryable,
  id: string,
  { decidedBy, note, grantId }: GrantDecision,
): Promise<GrantRequestRow | undefined> {
  const { rows } = await db.query<GrantRequestRow>(
    sql`update core.access_grant_requests set
        status = case when $4::uuid is null then 'rejected' else 'approved' end::core.grant_request_status,
        decided_by = $2, decided_at = clock_timestamp(), decision_note = $3, access_grant_id = $4
      where id = $1 and status = 'pending' returning ${columns}`.text,
    [id, decidedBy, note, grantId],
  )
  return rows[0]
}

/** The tenant of the context, if it is there. */
export async function findTenant(
  db: Queryable,
  tenantId: string,
): Promise<{ readonly id: string } | undefined> {
  const { rows } = await db.query<{ id: string }>(
    'select id from core.tenants where id = $1 and deleted_at is null',
    [tenantId],
  )
  return rows[0]
}
