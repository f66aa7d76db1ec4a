import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { callerOf } from '../identity/caller-claims.js'
import type { VouchedIdentity } from '../identity/caller-claims.js'
import { findOwnUser, invitationOfToken } from '../identity/directory-repository.js'
import type { FoundInvitation } from '../identity/directory-repository.js'
import type { Identity } from 'watertight/http'
import {
  admitMember,
  clearPlaces,
  holdInvitation,
  spendInvitation,
  userForInvitation,
} from './invitation-repository.js'
import { hashInvitationToken } from './invitation-secret.js'
import { assignPlace } from './member-repository.js'
import { findRoot, holdOrgUnit } from './org-unit-repository.js'

/** An open invitation, and the person that it is for. */
export interface MatchedInvitation {
  readonly invitation: FoundInvitation
  /** Null for who has no account yet. */
  readonly userId: string | null
  readonly vouched: VouchedIdentity | null
}

/**
 * The open invitation of a token, if it is for the caller: its address is the one that their issuer
 * has verified, or that their account has. A token that was passed on opens nothing.
 *
 * @throws {ApiProblem} NOT_FOUND for every other token alike.
 */
export async function matchInvitation(
  db: Queryable,
  identity: Identity | null,
  token: string,
): Promise<MatchedInvitation> {
  const caller = identity === null ? null : callerOf(identity)
  const invitation = found(await invitationOfToken(db, hashInvitationToken(token)))
  const userId = caller?.userId ?? null
  const vouched = caller?.vouched ?? null
  const own = userId === null ? undefined : await findOwnUser(db, userId)
  const addresses = [vouched?.email, own?.email]
  found(addresses.includes(invitation.email) || undefined)
  return { invitation, userId, vouched }
}

/**
 * Makes the person a member with what the invitation says, once; in mode `worker` for the tenant of
 * the invitation.
 *
 * @throws {ApiProblem} CONFLICT for who is a member already, NOT_FOUND when it was open a moment ago.
 */
export async function acceptInvitation(
  db: Queryable,
  { invitation, userId, vouched }: MatchedInvitation,
): Promise<string> {
  const { id, tenant_id: tenantId } = invitation
  const held = found(await holdInvitation(db, id))
  const accountId = userId ?? (await accountOf(db, invitation, vouched))
  if (accountId === null) throw new ApiProblem('CONFLICT', 'the address belongs to another account')
  if (!(await admitMember(db, tenantId, accountId, held.role))) {
    throw new ApiProblem('CONFLICT', 'the caller belongs to the tenant already')
  }
  await clearPlaces(db, accountId)
  if (held.role !== 'tenant_admin') {
    const place = held.org_unit_id ?? found(await findRoot(db)).id
    if (!(await holdOrgUnit(db, place)))
      throw new ApiProblem('CONFLICT', 'the org unit is archived')
    const scope = held.role === 'org_manager' ? 'subtree' : 'unit'
    await assignPlace(db, tenantId, accountId, place, scope)
  }
  await spendInvitation(db, id)
  return accountId
}

async function accountOf(
  db: Queryable,
  { id, email }: FoundInvitation,
  vouched: VouchedIdentity | null,
): Promise<string | null> {
  if (vouched === null) return null
  const { issuer, subject } = vouched
  const name = (vouched.name ?? email).slice(0, 200)
  return userForInvitation(db, id, { issuer, subject, email, name })
}
