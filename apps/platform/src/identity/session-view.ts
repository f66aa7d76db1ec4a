import type { Identity } from 'watertight/http'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import { forTenant } from '../api/tenant-step.js'
import type { TenantStep } from '../api/tenant-step.js'
import type { Caller } from './caller-claims.js'
import { callerOf } from './caller-claims.js'
import { findOwnUser, ownGrants, ownTenants } from './directory-repository.js'
import type { OwnGrant, OwnTenant, OwnUser } from './directory-repository.js'
import { memberStanding } from './standing-check.js'
import type { GrantedStanding, Standing } from './standing.js'
import { listOwnUnits } from './unit-repository.js'
import type { OwnUnit } from './unit-repository.js'

/** A tenant by its names. */
export interface NamedTenant {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly status: OwnTenant['status']
}

/** What somebody is, and what they could be instead. */
export interface SessionView {
  readonly user: OwnUser
  readonly caller: Caller
  /** Null outside of any tenant. */
  readonly standing: Standing | null
  readonly tenant: NamedTenant | null
  readonly tenants: readonly OwnTenant[]
  readonly grants: readonly OwnGrant[]
  /** Of the tenant of the session. */
  readonly units: readonly OwnUnit[]
}

/** The caller and their id. @throws {ApiProblem} NOT_FOUND for who has no account. */
export function knownCaller(identity: Identity | null): {
  readonly caller: Caller
  readonly userId: string
} {
  const caller = identity === null ? null : callerOf(identity)
  const userId = caller?.userId ?? null
  if (caller === null || userId === null) throw new ApiProblem('NOT_FOUND', 'no such account')
  return { caller, userId }
}

/**
 * Who the caller is at this moment, whatever the token says. Members are looked up in a step of their
 * tenant, once the user's own transaction has said that it is theirs.
 *
 * @throws {ApiProblem} NOT_FOUND for who is no longer what the token says.
 */
export async function viewSession(
  tx: Transaction,
  identity: Identity | null,
): Promise<SessionView | TenantStep<SessionView>> {
  const { caller, userId } = knownCaller(identity)
  const { tenantId, mode, grantId, orgUnitId, limitedTo } = caller
  const user = found(await findOwnUser(tx, userId))
  const [tenants, grants] = [await ownTenants(tx), await ownGrants(tx)]
  const view = { user, caller, standing: null, tenant: null, tenants, grants, units: [] }
  if (tenantId === null) return view
  if (mode !== 'member') {
    const grant = found(grants.find(({ id }) => id === grantId))
    const standing = found(standingOfGrant(grant, tenantId, mode) ?? undefined)
    return { ...view, standing, tenant: tenantOf(grant) }
  }
  const tenant = found(tenants.find(({ id, status }) => id === tenantId && status === 'active'))
  return forTenant(tenantId, async (worker) => {
    const wanted = { userId, tenantId, mode, orgUnitId, grantId: null, limitedTo }
    const standing = found((await memberStanding(worker, wanted, null)) ?? undefined)
    const units = await listOwnUnits(worker, userId, tenant.role === 'tenant_admin')
    return { ...view, standing, tenant, units }
  })
}

/** Grants are told of active tenants only. */
function tenantOf({ tenant_id: id, slug, name }: OwnGrant): NamedTenant {
  return { id, slug, name, status: 'active' }
}

/** What a grant of the user makes them at this moment; null when its window is not open. */
function standingOfGrant(
  grant: OwnGrant,
  tenantId: string,
  mode: GrantedStanding['mode'],
): GrantedStanding | null {
  const { id: grantId, can_write: canWrite, expires_at: endsAt, starts_at: startsAt } = grant
  const isOpen = startsAt.getTime() <= Date.now() && Date.now() < endsAt.getTime()
  if (!isOpen || grant.tenant_id !== tenantId || grant.mode !== mode) return null
  return { mode, tenantId, grantId, reason: grant.reason, canWrite, endsAt }
}
