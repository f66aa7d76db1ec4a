import type { TenantContext } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import type { Authority } from './authority.js'
import { authorityOf, isHigher, seesWholeTenant } from './authority.js'
import {
  changeMembership,
  findMember,
  lockAdmins,
  withdrawInvitationsOf,
} from './member-repository.js'
import type { MemberRow, MembershipChange } from './member-repository.js'

/** A member, and what the caller may do to them. */
export interface ManagedMember {
  readonly authority: Authority
  readonly member: MemberRow
}

/**
 * A member that the caller may change: somebody who works nowhere but within the caller's own units
 * and whose role is not higher. Only who administrates the whole tenant may change themselves.
 *
 * @throws {ApiProblem} NOT_FOUND beyond the caller's sight, CONFLICT for who is above them.
 */
export async function managedMember(
  db: Queryable,
  context: TenantContext,
  userId: string,
): Promise<ManagedMember> {
  const authority = await authorityOf(db, context)
  const member = found(await findMember(db, context.mode, authority.isWholeTenant, userId))
  if (!member.is_managed) {
    throw new ApiProblem('CONFLICT', 'the member works beyond the org units of the caller')
  }
  if (isHigher(member.role, authority.role)) {
    throw new ApiProblem('CONFLICT', 'the role of the member is above the role of the caller')
  }
  if (!authority.isWholeTenant && member.id === authority.userId) {
    throw new ApiProblem('CONFLICT', 'nobody changes their own membership')
  }
  return { authority, member }
}

/**
 * Changes a membership, and withdraws invitations that its user could no longer give.
 *
 * @throws {ApiProblem} CONFLICT when the tenant would have no administrator, or somebody else changed
 * the membership meanwhile.
 */
export async function settleMembership(
  db: Queryable,
  member: MemberRow,
  change: MembershipChange,
): Promise<void> {
  const role = change.role ?? member.role
  const isActive = (change.status ?? member.status) === 'active'
  if (member.role === 'tenant_admin' && !(role === 'tenant_admin' && isActive)) {
    const others = (await lockAdmins(db)).filter((id) => id !== member.id)
    if (others.length === 0) {
      throw new ApiProblem('CONFLICT', 'the tenant would be left without an administrator')
    }
  }
  if (!(await changeMembership(db, member, change))) {
    throw new ApiProblem('CONFLICT', 'the membership was changed meanwhile')
  }
  if (!isActive) await withdrawInvitationsOf(db, member.id, null)
  else if (isHigher(member.role, role)) await withdrawInvitationsOf(db, member.id, role)
}

/** The member as they are now. */
export async function memberNow(
  db: Queryable,
  context: TenantContext,
  userId: string,
): Promise<MemberRow> {
  return found(await findMember(db, context.mode, seesWholeTenant(context), userId))
}
