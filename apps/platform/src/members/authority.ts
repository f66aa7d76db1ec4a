import { WatertightError } from 'watertight/errors'
import type { TenantContext } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import { ApiProblem } from '../api/api-problem.js'
import type { MembershipRole } from '../api/capabilities.js'

/** What the caller may do to other members: never more than their own role, never beyond their place. */
export interface Authority {
  readonly userId: string
  readonly role: MembershipRole
  /** False for who works in one org unit, alone or with all below. */
  readonly isWholeTenant: boolean
  /** The unit that they work in. */
  readonly orgUnitId: string | null
  /** True when what they give may hold for all that is below a unit. */
  readonly givesSubtrees: boolean
}

const ranks: Readonly<Record<MembershipRole, number>> = {
  member: 0,
  org_manager: 1,
  tenant_admin: 2,
}

/** Roles as compared for who may act on whom. */
export function isHigher(role: MembershipRole, than: MembershipRole): boolean {
  return ranks[role] > ranks[than]
}

/** True when the caller reads the whole tenant: its admins, auditors and platform support. */
export function seesWholeTenant({ mode, orgScope }: TenantContext): boolean {
  return mode !== 'member' || orgScope === 'all'
}

/**
 * The authority of the caller, by the role that their membership has now.
 *
 * @throws FORBIDDEN for a caller who is no member.
 */
export async function authorityOf(db: Queryable, context: TenantContext): Promise<Authority> {
  const { userId, orgScope, orgUnitId } = context
  const { rows } = await db.query<{ role: MembershipRole }>(
    `select role from core.memberships where user_id = $1 and status = 'active'`,
    [userId],
  )
  const role = rows[0]?.role
  if (role === undefined || userId === null || context.mode !== 'member') {
    throw new WatertightError('FORBIDDEN', 'the operation is for members of the tenant')
  }
  const isWholeTenant = role === 'tenant_admin' && orgScope === 'all'
  return { userId, role, isWholeTenant, orgUnitId, givesSubtrees: orgScope !== 'unit' }
}

/** @throws {ApiProblem} CONFLICT for a role above the caller's own. */
export function requireNotAbove(authority: Authority, role: MembershipRole): void {
  if (isHigher(role, authority.role)) {
    throw new ApiProblem('CONFLICT', 'the role is above the role of the caller')
  }
}
