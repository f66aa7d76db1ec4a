import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { MembershipRole } from '../api/capabilities.js'
import { relationFor } from '../database/relation-for.js'
import { byEnum, byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** How far an invitation has come. */
export type InvitationState = 'open' | 'accepted' | 'revoked' | 'expired'

/** A row of `core.invitations`, without its token. */
export interface InvitationRow {
  readonly id: string
  readonly org_unit_id: string | null
  /** Null for auditors. */
  readonly email: string | null
  readonly role: MembershipRole
  readonly invited_by: string
  readonly state: InvitationState
  readonly created_at: Date
  readonly expires_at: Date
}

/** An invitation that its tenant holds while somebody accepts it. */
export interface HeldInvitation {
  readonly id: string
  readonly org_unit_id: string | null
  readonly role: MembershipRole
}

const columns = sql`i.id, i.org_unit_id, i.email::text as email, i.role, i.invited_by,
  case when i.accepted_at is not null then 'accepted' when i.revoked_at is not null then 'revoked'
    when i.expires_at <= now() then 'expired' else 'open' end as state,
  i.created_at, i.expires_at`
const inScope = sql`i.org_unit_id = any ((select watertight.org_unit_ids())::uuid[])`

/** What invitations can be listed by. */
export type InvitationSort = 'email' | 'role' | 'createdAt' | 'expiresAt'

/** The orders of the list of invitations. */
export const invitationOrders: SortOrders<InvitationSort> = sortOrders(
  {
    email: byText(sql`email`, { nullable: true }),
    role: byEnum(sql`role`, sql`core.membership_role`),
    createdAt: byTime(sql`created_at`),
    expiresAt: byTime(sql`expires_at`),
  },
  '-createdAt',
)

/** Invitations into units that the caller works in, or all; newest first, one more than the limit. */
export async function listInvitations(
  db: Queryable,
  mode: ContextMode,
  isWholeTenant: boolean,
  filter: PageFilter<InvitationSort> & { readonly state: InvitationState | null },
): Promise<Sorted<InvitationRow>[]> {
  const page = pageSql(invitationOrders, filter)
  const { rows } = await db.query<Sorted<InvitationRow>>(
    sql`select *, ${page.column} from (
        select ${columns} from ${relationFor(mode, 'core.invitations')} i
        where $4::boolean or ${inScope}) i
      where ${page.after} and ($5::text is null or i.state = $5)
      ${page.orderAndLimit}`.text,
    [...page.values, isWholeTenant, filter.state],
  )
  return rows
}

/** Makes an invitation; one that has expired makes room for another to the same address. */
export async function insertInvitation(
  db: Queryable,
  invitation: {
    readonly tenantId: string
    readonly orgUnitId: string | null
    readonly email: string
    readonly role: MembershipRole
    readonly tokenHash: Buffer
    readonly invitedBy: string
    readonly days: number
  },
): Promise<InvitationRow> {
  const { tenantId, orgUnitId, email, role, tokenHash, invitedBy, days } = invitation
  await db.query(
    `update core.invitations set revoked_at = now()
     where email = $1 and accepted_at is null and revoked_at is null and expires_at <= now()`,
    [email],
  )
  const { rows } = await db.query<InvitationRow>(
    sql`insert into core.invitations as i (tenant_id, org_unit_id, email, role, token_hash,
        invited_by, expires_at)
      values ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7))
      returning ${columns}`.text,
    [tenantId, orgUnitId, email, role, tokenHash, invitedBy, days],
  )
  const [row] = rows
  if (row === undefined) throw new Error('an inserted row is returned')
  return row
}

/** True when an active or suspended member of the tenant has the address. */
export async function isMemberAddress(db: Queryable, email: string): Promise<boolean> {
  const { rows } = await db.query(
    `select from core.memberships m join core.users u on u.id = m.user_id
     where u.email = $1 and m.status <> 'revoked'`,
    [email],
  )
  return rows.length > 0
}

/** Revokes an open invitation in the caller's sight; false when there is none. */
export async function revokeInvitation(
  db: Queryable,
  isWholeTenant: boolean,
  id: string,
): Promise<boolean> {
  const { rows } = await db.query(
    sql`update core.invitations as i set revoked_at = now()
      where i.id = $1 and i.accepted_at is null and i.revoked_at is null
        and ($2::boolean or ${inScope})
      returning i.id`.text,
    [id, isWholeTenant],
  )
  return rows.length === 1
}

/** The invitation while it is open, locked until the transaction ends. */
export async function holdInvitation(
  db: Queryable,
  id: string,
): Promise<HeldInvitation | undefined> {
  const { rows } = await db.query<HeldInvitation>(
    `select id, org_unit_id, role from core.invitations
     where id = $1 and accepted_at is null and revoked_at is null and expires_at > now()
     for update`,
    [id],
  )
  return rows[0]
}

/** The user of an identity, made when there is none; null when there can be none. In mode `worker`. */
export async function userForInvitation(
  db: Queryable,
  invitationId: string,
  identity: {
    readonly issuer: string
    readonly subject: string
    readonly email: string
    readonly name: string
  },
): Promise<string | null> {
  const { issuer, subject, email, name } = identity
  const { rows } = await db.query<{ id: string | null }>(
    'select core.user_for_invitation($1, $2, $3, $4, $5) as id',
    [invitationId, issuer, subject, email, name],
  )
  return rows[0]?.id ?? null
}

/** Spends an invitation that is held. */
export async function spendInvitation(db: Queryable, id: string): Promise<void> {
  await db.query('update core.invitations set accepted_at = now() where id = $1', [id])
}

/**
 * Makes somebody a member, again after a revocation; false when they are one, or are suspended.
 */
export async function admitMember(
  db: Queryable,
  tenantId: string,
  userId: string,
  role: MembershipRole,
): Promise<boolean> {
  const { rows } = await db.query(
    `insert into core.memberships as m (tenant_id, user_id, role) values ($1, $2, $3)
     on conflict (tenant_id, user_id) do update
       set role = excluded.role, status = 'active', revoked_at = null, updated_at = now()
       where m.status = 'revoked'
     returning user_id`,
    [tenantId, userId, role],
  )
  return rows.length === 1
}

/** Ends where a former member worked, before they work elsewhere. */
export async function clearPlaces(db: Queryable, userId: string): Promise<void> {
  await db.query('delete from core.org_memberships where user_id = $1', [userId])
}
