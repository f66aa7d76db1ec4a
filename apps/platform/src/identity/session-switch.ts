import type { Identity } from 'watertight/http'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import { forTenant } from '../api/tenant-step.js'
import type { TenantStep } from '../api/tenant-step.js'
import { openGrant, ownTenants } from './directory-repository.js'
import type { IssuedSession, SessionIssuer } from './session-issuer.js'
import { knownCaller } from './session-view.js'
import { memberStanding } from './standing-check.js'

/** What to switch to: a tenant of the user, with one of their units, or an access grant. */
export interface SwitchTarget {
  readonly tenantId?: string | undefined
  readonly orgUnitId?: string | undefined
  readonly grantId?: string | undefined
}

/**
 * A token for something else that the user is, by what the database says at this moment.
 *
 * @throws {ApiProblem} NOT_FOUND for what the user is not.
 */
export async function switchSession(
  tx: Transaction,
  identity: Identity | null,
  target: SwitchTarget,
  sessions: SessionIssuer,
): Promise<IssuedSession | TenantStep<IssuedSession>> {
  const { caller, userId } = knownCaller(identity)
  const { limitedTo, signedInUntil, signInEnds } = caller
  const common = { userId, scopes: limitedTo, signedInUntil, signInEnds }
  if (target.grantId !== undefined) {
    // A service is bound to what it asked for, which a grant does not know; grants are for people.
    if (limitedTo !== null) throw new ApiProblem('NOT_FOUND', 'no such object')
    const grant = found(await openGrant(tx, target.grantId))
    const { id: grantId, tenant_id: tenantId, mode } = grant
    const claims = { ...common, tenantId, mode, orgUnitId: null, grantId }
    return sessions.issue(claims, grant.expires_at.getTime() / 1000)
  }
  const tenantId = target.tenantId ?? caller.tenantId
  if (tenantId === null) throw new ApiProblem('INVALID_REQUEST', 'the session has no tenant')
  const tenants = await ownTenants(tx)
  found(tenants.find(({ id, status }) => id === tenantId && status === 'active'))
  return forTenant(tenantId, async (worker) => {
    const orgUnitId = target.orgUnitId ?? null
    const wanted = {
      userId,
      tenantId,
      mode: 'member' as const,
      orgUnitId,
      grantId: null,
      limitedTo,
    }
    const standing = found((await memberStanding(worker, wanted, null)) ?? undefined)
    const claims = { ...common, tenantId, mode: 'member' as const, grantId: null }
    return sessions.issue({ ...claims, orgUnitId: standing.orgUnitId })
  })
}
