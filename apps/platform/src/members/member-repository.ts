import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable, Sql } from 'watertight/sql'
import type { MembershipRole } from '../api/capabilities.js'
import { byEnum, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** `active`, `suspended` or `revoked`. */
export type MembershipStatus = 'active' | 'suspended' | 'revoked'

/** An org unit that a member works in. */
export interface PlaceRow {
  readonly orgUnitId: string
  readonly name: string
  readonly scope: 'unit' | 'subtree'
}

/** A member with who they are and where they work; names are null for auditors. */
export interface MemberRow {
  /** Of the user. */
  readonly id: string
  readonly email: string | null
  readonly display_name: string | null
  readonly role: MembershipRole
  readonly status: MembershipStatus
  readonly job_title: string | null
  readonly created_at: Date
  readonly places: readonly PlaceRow[]
  /** False when some of their places lie beyond what the caller works in. */
  readonly is_managed: boolean
}

/** Which members a list holds. */
export interface MemberFilter extends PageFilter<MemberSort> {
  readonly status: MembershipStatus | null
  readonly role: MembershipRole | null
  readonly orgUnitId: string | null
  readonly search: string | null
  /** Of users. */
  readonly ids: readonly string[] | null
}

const inScope = sql`p.org_unit_id = any ((select watertight.org_unit_ids())::uuid[])`

/** Members in sight: all for who sees the whole tenant, else those who work where the caller works. */
function members(mode: ContextMode, isWholeTenant: Sql): Sql {
  // Auditors read memberships, but no people.
  const person = mode === 'auditor' ? sql`null::text as email, null::text as display_name` : names
  const people = mode === 'auditor' ? sql`` : sql`join core.users u on u.id = m.user_id`
  return sql`
    select m.user_id as id, ${person}, m.role, m.status, m.job_title,
      m.created_at,
      coalesce((
        select jsonb_agg(jsonb_build_object('orgUnitId', o.id, 'name', o.name, 'scope', p.scope)
          order by o.name, o.id)
        from core.org_memberships p join core.org_units o on o.id = p.org_unit_id
        where p.user_id = m.user_id), '[]') as places,
      ${isWholeTenant} or (
        exists (select from core.org_memberships p where p.user_id = m.user_id and ${inScope})
        and not exists (
          select from core.org_memberships p where p.user_id = m.user_id and not (${inScope}))
      ) as is_managed
    from core.memberships m ${people}
    where ${isWholeTenant}
      or exists (select from core.org_memberships p where p.user_id = m.user_id and ${inScope})`
}

const names = sql`u.email::text as email, u.display_name`

/** What members can be listed by. */
export type MemberSort = 'displayName' | 'email' | 'role' | 'status' | 'jobTitle' | 'createdAt'

/** The orders of the list of members. */
export const memberOrders: SortOrders<MemberSort> = sortOrders(
  {
    displayName: byText(sql`display_name`, { nullable: true }),
    email: byText(sql`email`, { nullable: true }),
    role: byEnum(sql`role`, sql`core.membership_role`),
    status: byEnum(sql`status`, sql`core.membership_status`),
    jobTitle: byText(sql`job_title`, { nullable: true }),
    createdAt: byTime(sql`created_at`),
  },
  '-createdAt',
)

/** Members in the caller's sight, newest first; one more than the limit. */
export async function listMembers(
  db: Queryable,
  mode: ContextMode,
  isWholeTenant: boolean,
  filter: MemberFilter,
): Promise<Sorted<MemberRow>[]> {
  const page = pageSql(memberOrders, filter)
  const { rows } = await db.query<Sorted<MemberRow>>(
    sql`select *, ${page.column} from (${members(mode, sql`$4::boolean`)}) m
      where ${page.after}
        and ($5::core.membership_status is null or m.status = $5)
        and ($6::core.membership_role is null or m.role = $6)
        and ($7::text is null or m.places @> jsonb_build_array(jsonb_build_object('orgUnitId', $7)))
        and ($8::text is null or strpos(lower(m.display_name), lower($8)) > 0
          or strpos(m.email, lower($8)) > 0)
        and ($9::uuid[] is null or m.id = any ($9))
      ${page.orderAndLimit}`.text,
    [
      ...page.values,
      isWholeTenant,
      filter.status,
      filter.role,
      filter.orgUnitId,
      filter.search,
      filter.ids,
    ],
  )
  return rows
}

/** The member, if in the caller's sight. */
export async function findMember(
  db: Queryable,
  mode: ContextMode,
  isWholeTenant: boolean,
  userId: string,
): Promise<MemberRow | undefined> {
  const { rows } = await db.query<MemberRow>(
    sql`select * from (${members(mode, sql`$2::boolean`)}) m where m.id = $1`.text,
    [userId, isWholeTenant],
  )
  return rows[0]
}

/**
 * Users who administrate the tenant, locked until the transaction ends: whoever takes one away waits
 * for whoever takes another, and then sees who is left.
 */
export async function lockAdmins(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select m.user_id as id from core.memberships m join core.users u on u.id = m.user_id
     where m.role = 'tenant_admin' and m.status = 'active'
       and u.status = 'active' and u.deleted_at is null
     order by m.user_id for update of m`,
  )
  return rows.map(({ id }) => id)
}

/** What changes of a membership; what is null stays. */
export interface MembershipChange {
  readonly role?: MembershipRole | undefined
  readonly status?: MembershipStatus | undefined
  readonly jobTitle?: string | null | undefined
}

/** Changes a membership that is still as it was read; false when it is not. */
export async function changeMembership(
  db: Queryable,
  before: Pick<MemberRow, 'id' | 'role' | 'status'>,
  { role, status, jobTitle }: MembershipChange,
): Promise<boolean> {
  const { rows } = await db.query(
    `update core.memberships set
       role = coalesce($4, role),
       status = coalesce($5, status),
       revoked_at = case when coalesce($5, status) = 'revoked' then coalesce(revoked_at, now()) end,
       job_title = case when $6 then $7 else job_title end,
       updated_at = now()
     where user_id = $1 and role = $2 and status = $3 returning user_id`,
    [
      before.id,
      before.role,
      before.status,
      role ?? null,
      status ?? null,
      jobTitle !== undefined,
      jobTitle ?? null,
    ],
  )
  return rows.length === 1
}

/** Revokes open invitations of somebody that give more than `role`; all of them when null. */
export async function withdrawInvitationsOf(
  db: Queryable,
  userId: string,
  role: MembershipRole | null,
): Promise<void> {
  await db.query(
    `update core.invitations set revoked_at = now()
     where invited_by = $1 and accepted_at is null and revoked_at is null
       and ($2::core.membership_role is null or role < $2)`,
    [userId, role],
  )
}

/** Lets a member work in a unit, alone or with all below. */
export async function assignPlace(
  db: Queryable,
  tenantId: string,
  userId: string,
  orgUnitId: string,
  scope: 'unit' | 'subtree',
): Promise<void> {
  await db.query(
    `insert into core.org_memberships (tenant_id, user_id, org_unit_id, scope)
     values ($1, $2, $3, $4)
     on conflict (tenant_id, user_id, org_unit_id) do update set scope = excluded.scope`,
    [tenantId, userId, orgUnitId, scope],
  )
}

/** Ends that a member works in a unit; false when they did not. */
export async function removePlace(
  db: Queryable,
  userId: string,
  orgUnitId: string,
): Promise<boolean> {
  const { rows } = await db.query(
    'delete from core.org_memberships where user_id = $1 and org_unit_id = $2 returning id',
    [userId, orgUnitId],
  )
  return rows.length === 1
}
