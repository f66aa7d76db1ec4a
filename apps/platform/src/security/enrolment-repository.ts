import type { ContextMode } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import { byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** An enrolment token without its secret. */
export interface EnrolmentTokenRow {
  readonly id: string
  readonly orgUnitId: string
  readonly label: string
  readonly maxUses: number
  readonly uses: number
  readonly createdBy: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly revokedAt: Date | null
}

/** What makes a token. */
export interface NewEnrolmentToken {
  readonly orgUnitId: string
  readonly label: string
  readonly hash: Buffer
  readonly maxUses: number
  readonly lifetimeHours: number
  readonly createdBy: string
}

const createdAt = sql`created_at`
const columns = sql`id, org_unit_id as "orgUnitId", label, max_uses as "maxUses", uses,
  created_by as "createdBy", ${createdAt} as "createdAt", expires_at as "expiresAt",
  revoked_at as "revokedAt"`

/** What tokens can be listed by. */
export type TokenSort = 'label' | 'createdAt' | 'expiresAt'

/** The orders of the list of tokens. */
export const tokenOrders: SortOrders<TokenSort> = sortOrders(
  {
    label: byText(sql`label`),
    createdAt: byTime(sql`created_at`),
    expiresAt: byTime(sql`expires_at`),
  },
  '-createdAt',
)

/** Tokens from the newest on, those that still work alone if asked for. */
export async function listEnrolmentTokens(
  db: Queryable,
  mode: ContextMode,
  { usable, ...filter }: PageFilter<TokenSort> & { readonly usable: boolean | null },
): Promise<Sorted<EnrolmentTokenRow>[]> {
  const page = pageSql(tokenOrders, filter)
  const { rows } = await db.query<Sorted<EnrolmentTokenRow>>(
    sql`select ${columns}, ${page.column} from ${relationFor(mode, 'sec.enrollment_tokens')}
     where ${page.after}
       and ($4::boolean is null
         or $4 = (revoked_at is null and expires_at > now() and uses < max_uses))
     ${page.orderAndLimit}`.text,
    [...page.values, usable],
  )
  return rows
}

/** Keeps a token by the hash of its secret. */
export async function insertEnrolmentToken(
  db: Queryable,
  token: NewEnrolmentToken,
): Promise<EnrolmentTokenRow | undefined> {
  const { rows } = await db.query<EnrolmentTokenRow>(
    sql`insert into sec.enrollment_tokens
       (org_unit_id, label, token_hash, max_uses, created_by, expires_at)
     values ($1, $2, $3, $4, $5, now() + make_interval(hours => $6))
     returning ${columns}`.text,
    [token.orgUnitId, token.label, token.hash, token.maxUses, token.createdBy, token.lifetimeHours],
  )
  return rows[0]
}

/** Ends a token; one that was revoked before keeps its time. */
export async function revokeEnrolmentToken(
  db: Queryable,
  id: string,
): Promise<EnrolmentTokenRow | undefined> {
  const { rows } = await db.query<EnrolmentTokenRow>(
    sql`update sec.enrollment_tokens set revoked_at = coalesce(revoked_at, now())
     where id = $1 returning ${columns}`.text,
    [id],
  )
  return rows[0]
}

/**
 * Takes one use of the token and returns the org unit it enrols into; undefined when there is no
 * such token, or it is used up, expired or revoked, or the tenant or the unit is closed.
 *
 * Of two who take the last use one waits for the other's row lock and then finds none left
 * (manual, section 13.2.1).
 */
export async function takeEnrolmentUse(db: Queryable, hash: Buffer): Promise<string | undefined> {
  const { rows } = await db.query<{ orgUnitId: string }>(
    `update sec.enrollment_tokens set uses = uses + 1
     where token_hash = $1 and revoked_at is null and expires_at > now() and uses < max_uses
       and exists (select from core.tenants where status = 'active' and deleted_at is null)
       and exists (select from core.org_units u
         where u.id = enrollment_tokens.org_unit_id and u.archived_at is null)
     returning org_unit_id as "orgUnitId"`,
    [hash],
  )
  return rows[0]?.orgUnitId
}
