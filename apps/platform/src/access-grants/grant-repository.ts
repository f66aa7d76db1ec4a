import type { Queryable } from 'watertight/sql'
import { sql } from 'watertight/sql'
import type { GrantMode } from './grant-request-repository.js'
import { byEnum, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** A row of `core.access_grants`, and how it stands at this moment. */
export interface GrantRow {
  readonly id: string
  readonly grantee_id: string
  readonly mode: GrantMode
  readonly can_write: boolean
  readonly reason: string
  readonly requested_by: string | null
  readonly approved_by: string
  readonly starts_at: Date
  readonly expires_at: Date
  readonly revoked_at: Date | null
  readonly revoked_by: string | null
  readonly created_at: Date
  readonly state: 'upcoming' | 'live' | 'expired' | 'revoked'
}

const columns = sql`id, grantee_id, mode, can_write, reason, requested_by, approved_by, starts_at,
  expires_at, revoked_at, revoked_by, created_at,
  case when revoked_at is not null then 'revoked' when expires_at <= clock_timestamp() then 'expired'
    when starts_at > clock_timestamp() then 'upcoming' else 'live' end as state`

/** What grants can be listed by. */
export type GrantSort = 'mode' | 'startsAt' | 'expiresAt' | 'revokedAt' | 'createdAt'

/** The orders of the list of grants. */
export const grantOrders: SortOrders<GrantSort> = sortOrders(
  {
    mode: byEnum(sql`mode`, sql`core.grant_mode`),
    startsAt: byTime(sql`starts_at`),
    expiresAt: byTime(sql`expires_at`),
    revokedAt: byTime(sql`revoked_at`, { nullable: true }),
    createdAt: byTime(sql`created_at`),
  },
  '-createdAt',
)

/** Grants into the tenant, ended ones included, newest first. */
export async function listGrants(
  db: Queryable,
  filter: PageFilter<GrantSort>,
): Promise<Sorted<GrantRow>[]> {
  const page = pageSql(grantOrders, filter)
  const { rows } = await db.query<Sorted<GrantRow>>(
    sql`select ${columns}, ${page.column} from core.access_grants where ${page.after}
      ${page.orderAndLimit}`.text,
    [...page.values],
  )
  return rows
}

/** The grant, if the caller may see it. */
export async function findGrant(db: Queryable, id: string): Promise<GrantRow | undefined> {
  const { rows } = await db.query<GrantRow>(
    sql`select ${columns} from core.access_grants where id = $1`.text,
    [id],
  )
  return rows[0]
}

/** True when the grant that the caller visits a tenant by allows writing at this moment. */
export async function isGrantWritable(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ is_writable: boolean }>(
    'select watertight.platform_write_tenant_id() is not null as is_writable',
  )
  return rows[0]?.is_writable === true
}

/**
 * Makes the grant that a request asks for, of the request's own columns: what was approved is what
 * is granted.
 */
export async function insertGrantOfRequest(
  db: Queryable,
  requestId: string,
  approvedBy: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `insert into core.access_grants (tenant_id, grantee_id, mode, reason, requested_by, approved_by,
       can_write, starts_at, expires_at)
     select tenant_id, grantee_id, mode, reason, requested_by, $2::uuid, can_write, starts_at, expires_at
     from core.access_grant_requests where id = $1 and status = 'pending' returning id`,
    [requestId, approvedBy],
  )
  return rows[0]?.id
}

/** Ends a grant now; undefined when there is none that could be ended. */
export async function revokeGrant(
  db: Queryable,
  id: string,
  revokedBy: string,
): Promise<GrantRow | undefined> {
  const { rows } = await db.query<GrantRow>(
    sql`update core.access_grants set revoked_at = clock_timestamp(), revoked_by = $2
      where id = $1 and revoked_at is null and expires_at > clock_timestamp()
      returning ${columns}`.text,
    [id, revokedBy],
  )
  return rows[0]
}
