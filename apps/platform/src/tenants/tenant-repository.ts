import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** What a tenant is allowed to do. */
export type TenantStatus = 'active' | 'suspended' | 'archived'

/** A tenant as platform staff see it: nothing of what is the tenant's. */
export interface TenantRow {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly status: TenantStatus
  readonly created_at: Date
}

/** A tenant with what its administration needs. */
export interface TenantDetailRow extends TenantRow {
  readonly region: string
  readonly has_public_page: boolean
  readonly suspended_at: Date | null
  readonly archived_at: Date | null
  readonly archive_reason: string | null
  /** Null without a legal hold. */
  readonly hold_reason: string | null
  readonly hold_placed_at: Date | null
}

const detail = sql`t.id, t.slug::text as slug, t.name, t.status,
  date_trunc('milliseconds', t.created_at) as created_at, t.region, t.has_public_page,
  t.suspended_at, t.archived_at, t.archive_reason, h.reason as hold_reason, h.placed_at as hold_placed_at
  from core.tenants t
  left join core.legal_holds h on h.tenant_id = t.id and h.released_at is null`

/** What tenants can be listed by. */
export type TenantSort = 'createdAt' | 'name'

/** The orders of the list of tenants; its function has the same. */
export const tenantOrders: SortOrders<TenantSort> = sortOrders(
  { createdAt: byTime(sql`created_at`), name: byText(sql`name`) },
  '-createdAt',
)

/** A page of the tenants of the platform; one more than the limit. As platform staff. */
export async function listTenants(
  db: Queryable,
  filter: PageFilter<TenantSort> & { readonly status: TenantStatus | null },
): Promise<Sorted<TenantRow>[]> {
  const { column, order, values } = pageSql(tenantOrders, filter)
  const { rows } = await db.query<Sorted<TenantRow>>(
    sql`select id, slug, name, status, created_at, ${column} from core.tenant_directory(
      $4::core.tenant_status, $5, $1, $2::uuid, $3) ${order}`.text,
    [...values, filter.status, filter.sort],
  )
  return rows
}

/** The tenant of the transaction, locked against changes. As a job of it. */
export async function holdTenant(
  db: Queryable,
  tenantId: string,
): Promise<TenantDetailRow | undefined> {
  const { rows } = await db.query<TenantDetailRow>(
    sql`select ${detail} where t.id = $1 and t.deleted_at is null for update of t`.text,
    [tenantId],
  )
  return rows[0]
}

/** Adds the tenant unless it is there. As a job of it. */
export async function insertTenant(
  db: Queryable,
  tenant: {
    readonly id: string
    readonly slug: string
    readonly name: string
    readonly region: string | null
    readonly hasPublicPage: boolean
  },
): Promise<void> {
  await db.query(
    `insert into core.tenants (id, slug, name, region, has_public_page)
     values ($1, $2, $3, coalesce($4, 'eu-central'), $5) on conflict (id) do nothing`,
    [tenant.id, tenant.slug, tenant.name, tenant.region, tenant.hasPublicPage],
  )
}

/** Adds the hidden root of the tree of org units unless it is there. */
export async function insertRootUnit(db: Queryable, tenantId: string, name: string): Promise<void> {
  await db.query(
    `insert into core.org_units (tenant_id, parent_id, name, slug, is_hidden_root)
     select $1, null, $2, 'root', true
     where not exists (select from core.org_units where tenant_id = $1 and parent_id is null)`,
    [tenantId, name],
  )
}

/** Suspends or resumes; false when the tenant is not in the state before. */
export async function changeStatus(
  db: Queryable,
  tenantId: string,
  from: TenantStatus,
  to: TenantStatus,
): Promise<boolean> {
  const { rows } = await db.query(
    `update core.tenants set status = $3::core.tenant_status,
       suspended_at = case when $3::core.tenant_status = 'suspended' then now() end
     where id = $1 and status = $2 returning id`,
    [tenantId, from, to],
  )
  return rows.length === 1
}

/** Archives a tenant; false when it is. */
export async function archive(db: Queryable, tenantId: string, reason: string): Promise<boolean> {
  const { rows } = await db.query(
    `update core.tenants set status = 'archived', suspended_at = null, archived_at = now(),
       archive_reason = $2
     where id = $1 and status <> 'archived' returning id`,
    [tenantId, reason],
  )
  return rows.length === 1
}

/** Makes an archived tenant active; false when it is not archived. */
export async function restore(db: Queryable, tenantId: string): Promise<boolean> {
  const { rows } = await db.query(
    `update core.tenants set status = 'active', archived_at = null, archive_reason = null
     where id = $1 and status = 'archived' returning id`,
    [tenantId],
  )
  return rows.length === 1
}

/** True when somebody administers the tenant, or is invited to. */
export async function hasAdministrator(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(
    `select exists (select from core.memberships where role = 'tenant_admin' and status <> 'revoked')
       or exists (select from core.invitations where role = 'tenant_admin'
         and accepted_at is null and revoked_at is null and expires_at > now()) as found`,
  )
  return rows[0]?.found === true
}

/** Places a legal hold; false when there is one. */
export async function placeHold(
  db: Queryable,
  hold: { readonly tenantId: string; readonly reason: string; readonly userId: string },
): Promise<boolean> {
  const { rows } = await db.query(
    `insert into core.legal_holds (tenant_id, reason, placed_by) values ($1, $2, $3)
     on conflict (tenant_id) where released_at is null do nothing returning id`,
    [hold.tenantId, hold.reason, hold.userId],
  )
  return rows.length === 1
}

/** Releases the legal hold; false when there is none. */
export async function releaseHold(
  db: Queryable,
  tenantId: string,
  userId: string,
): Promise<boolean> {
  const { rows } = await db.query(
    `update core.legal_holds set released_at = now(), released_by = $2
     where tenant_id = $1 and released_at is null returning id`,
    [tenantId, userId],
  )
  return rows.length === 1
}
