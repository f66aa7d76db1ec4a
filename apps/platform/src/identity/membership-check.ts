import type { HttpTenancyOptions, Membership, Principal } from 'watertight/http'
import type { TxManager } from 'watertight/runtime'
import { callerOf } from './caller-claims.js'
import { standingCheck } from './standing-check.js'

type MembershipCheck = NonNullable<HttpTenancyOptions['checkMembership']>

/**
 * Asks the database at every request what the caller is in the tenant of the token, in one round
 * trip: a revoked member, a suspended tenant, a disabled user and an ended grant are out at once. The
 * claim `org_unit_id` picks one of several places; a place that is not the caller's is not found.
 */
export function membershipCheck(tx: TxManager): MembershipCheck {
  const check = standingCheck(tx)
  return async (principal: Principal): Promise<Membership | null> => {
    const { mode, grantId, limitedTo, apiKeyId } = callerOf(principal)
    const { userId, tenantId, orgUnitId } = principal
    const wanted = { userId, tenantId, mode, orgUnitId, grantId, limitedTo }
    const standing = await check(wanted, apiKeyId)
    if (standing === null) return null
    if (standing.mode !== 'member') return { mode: standing.mode, accessGrantId: standing.grantId }
    const { capabilities, orgScope, orgUnitId: unit } = standing
    return { capabilities, orgScope, orgUnitId: unit }
  }
}
