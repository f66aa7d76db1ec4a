import type { Queryable } from 'watertight/sql'
import type { MembershipRole } from '../api/capabilities.js'

/** A tenant that the user of the context is an active member of. */
export interface OwnTenant {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly status: 'active' | 'suspended' | 'archived'
  readonly role: MembershipRole
}

/** A grant of the user of the context that has not ended; it may not have begun. */
export interface OwnGrant {
  readonly id: string
  readonly tenant_id: string
  readonly slug: string
  readonly name: string
  readonly mode: 'auditor' | 'platform'
  /** Why it was given. */
  readonly reason: string
  readonly can_write: boolean
  readonly starts_at: Date
  readonly expires_at: Date
}

/** A live API key as its prefix finds it. */
export interface FoundApiKey {
  readonly id: string
  readonly tenant_id: string
  readonly key_hash: Buffer
  readonly scopes: readonly string[]
  readonly created_by: string
}

/** An open invitation as its token finds it. */
export interface FoundInvitation {
  readonly id: string
  readonly tenant_id: string
  readonly tenant_name: string
  readonly email: string
  readonly role: MembershipRole
  readonly org_unit_id: string | null
  readonly expires_at: Date
}

/** A user as they see themselves. */
export interface OwnUser {
  readonly id: string
  readonly email: string
  readonly display_name: string
  readonly locale: string
  readonly is_platform_staff: boolean
}

/** The active user of an identity; in mode `public`. */
export async function userOfIdentity(
  db: Queryable,
  issuer: string,
  subject: string,
): Promise<string | null> {
  const { rows } = await db.query<{ id: string | null }>(
    'select core.user_of_identity($1, $2) as id',
    [issuer, subject],
  )
  return rows[0]?.id ?? null
}

/** Live keys of a prefix; in mode `public`. */
export async function apiKeysOfPrefix(db: Queryable, prefix: string): Promise<FoundApiKey[]> {
  const { rows } = await db.query<FoundApiKey>(
    'select id, tenant_id, key_hash, scopes, created_by from core.api_key_of($1)',
    [prefix],
  )
  return rows
}

/** The open invitation of a token; in modes `public` and `member`. */
export async function invitationOfToken(
  db: Queryable,
  tokenHash: Buffer,
): Promise<FoundInvitation | undefined> {
  const { rows } = await db.query<FoundInvitation>(
    `select id, tenant_id, tenant_name, email, role, org_unit_id, expires_at
     from core.invitation_of($1)`,
    [tokenHash],
  )
  return rows[0]
}

/** The user of the context while active; in mode `member`. */
export async function findOwnUser(db: Queryable, userId: string): Promise<OwnUser | undefined> {
  const { rows } = await db.query<OwnUser>(
    `select id, email, display_name, locale, is_platform_staff from core.users
     where id = $1 and status = 'active' and deleted_at is null`,
    [userId],
  )
  return rows[0]
}

/** Changes how the user of the context is called; null keeps what there is. */
export async function changeOwnProfile(
  db: Queryable,
  displayName: string | null,
  locale: string | null,
): Promise<void> {
  await db.query('select core.change_own_profile($1, $2)', [displayName, locale])
}

/** Tenants of the user of the context. */
export async function ownTenants(db: Queryable): Promise<OwnTenant[]> {
  const { rows } = await db.query<OwnTenant>(
    'select id, slug, name, status, role from core.own_tenants()',
  )
  return rows
}

/** Grants of the user of the context. */
export async function ownGrants(db: Queryable): Promise<OwnGrant[]> {
  const { rows } = await db.query<OwnGrant>(
    `select id, tenant_id, slug, name, mode, reason, can_write, starts_at, expires_at
     from core.own_access_grants()`,
  )
  return rows
}

/** The grant of the user of the context, if its window is open at this moment. */
export async function openGrant(db: Queryable, grantId: string): Promise<OwnGrant | undefined> {
  const { rows } = await db.query<OwnGrant>(
    `select id, tenant_id, slug, name, mode, reason, can_write, starts_at, expires_at
     from core.own_access_grants() where id = $1 and starts_at <= clock_timestamp()`,
    [grantId],
  )
  return rows[0]
}
