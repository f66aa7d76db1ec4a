import type { Identity } from 'watertight/http'
import { parseTenantContext } from 'watertight/runtime'
import type { BoundTxManager, TxManager } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import type { Caller } from './caller-claims.js'
import { callerOf } from './caller-claims.js'
import { findOwnUser, openGrant, ownGrants, ownTenants } from './directory-repository.js'
import type { OwnGrant, OwnTenant, OwnUser } from './directory-repository.js'
import type { IssuedSession, SessionIssuer } from './session-issuer.js'
import { standingCheck } from './standing-check.js'
import type { Standing } from './standing.js'
import { findTenantName, listOwnUnits } from './unit-repository.js'
import type { OwnUnit } from './unit-repository.js'

/** What somebody is, and what they could be instead. */
export interface SessionView {
  readonly user: OwnUser
  readonly caller: Caller
  /** Null outside of any tenant. */
  readonly standing: Standing | null
  readonly tenant: { readonly id: string; readonly slug: string; readonly name: string } | null
  readonly tenants: readonly OwnTenant[]
  readonly grants: readonly OwnGrant[]
  /** Of the tenant of the session. */
  readonly units: readonly OwnUnit[]
}

/** What to switch to: a tenant of the user, with one of their units, or an access grant. */
export interface SwitchTarget {
  readonly tenantId?: string | undefined
  readonly orgUnitId?: string | undefined
  readonly grantId?: string | undefined
}

/** Who somebody is, and switching to what else they are. */
export interface SessionService {
  /** @throws NOT_FOUND for who has no account, or is no longer what the token says. */
  describe(identity: Identity | null): Promise<SessionView>
  /** @throws NOT_FOUND for what the user is not. */
  switchTo(identity: Identity | null, target: SwitchTarget): Promise<IssuedSession>
}

/** Sessions over the database: whatever a token says is asked there again. */
export function sessionService(tx: TxManager, sessions: SessionIssuer): SessionService {
  const check = standingCheck(tx)

  const asUser = (userId: string): BoundTxManager =>
    tx.as(parseTenantContext({ mode: 'member', tenantId: null, userId }))

  async function standingOf(caller: Caller, userId: string): Promise<Standing | null> {
    if (caller.tenantId === null) return null
    const { tenantId, mode, orgUnitId, grantId, limitedTo } = caller
    return found(
      (await check({ userId, tenantId, mode, orgUnitId, grantId, limitedTo })) ?? undefined,
    )
  }

  return {
    async describe(identity) {
      const { caller, userId } = knownCaller(identity)
      const standing = await standingOf(caller, userId)
      const self = asUser(userId)
      const [user, tenants, grants] = await self.run(
        async (db) => [await findOwnUser(db, userId), await ownTenants(db), await ownGrants(db)],
        { readOnly: true },
      )
      const inside = await insideOf(tx, userId, standing)
      const tenant = tenantOf(standing, tenants, grants, inside.tenant)
      return { user: found(user), caller, standing, tenant, tenants, grants, units: inside.units }
    },
    async switchTo(identity, target) {
      const { caller, userId } = knownCaller(identity)
      const { limitedTo, signedInUntil } = caller
      const common = { userId, scopes: limitedTo, signedInUntil }
      if (target.grantId !== undefined) {
        // What a service asked for bounds what it is as a member; grants are for people.
        if (limitedTo !== null) throw new ApiProblem('NOT_FOUND', 'no such object')
        const grant = found(await openGrant(asUser(userId), target.grantId))
        const { id: grantId, tenant_id: tenantId, mode } = grant
        const claims = { ...common, tenantId, mode, orgUnitId: null, grantId }
        return sessions.issue(claims, grant.expires_at.getTime() / 1000)
      }
      const tenantId = target.tenantId ?? caller.tenantId
      if (tenantId === null) throw new ApiProblem('INVALID_REQUEST', 'the session has no tenant')
      const wanted = {
        userId,
        tenantId,
        mode: 'member' as const,
        orgUnitId: target.orgUnitId ?? null,
        grantId: null,
        limitedTo,
      }
      const standing = found((await check(wanted)) ?? undefined)
      const orgUnitId = standing.mode === 'member' ? standing.orgUnitId : null
      return sessions.issue({ ...common, tenantId, mode: 'member', orgUnitId, grantId: null })
    },
  }
}

function knownCaller(identity: Identity | null): { caller: Caller; userId: string } {
  const caller = identity === null ? null : callerOf(identity)
  if (caller?.userId == null) throw new ApiProblem('NOT_FOUND', 'no such account')
  return { caller, userId: caller.userId }
}

interface Inside {
  readonly units: readonly OwnUnit[]
  readonly tenant: SessionView['tenant']
}

async function insideOf(tx: TxManager, userId: string, standing: Standing | null): Promise<Inside> {
  if (standing?.mode !== 'member') return { units: [], tenant: null }
  const { tenantId, role } = standing
  const context = parseTenantContext({ mode: 'member', tenantId, userId, orgScope: 'all' })
  return tx.as(context).run(
    async (db) => ({
      units: await listOwnUnits(db, userId, role === 'tenant_admin'),
      tenant: (await findTenantName(db, tenantId)) ?? null,
    }),
    { readOnly: true },
  )
}

function tenantOf(
  standing: Standing | null,
  tenants: readonly OwnTenant[],
  grants: readonly OwnGrant[],
  own: SessionView['tenant'],
): SessionView['tenant'] {
  if (standing === null) return null
  if (own !== null) return own
  const { tenantId } = standing
  const grant = grants.find(({ tenant_id: id }) => id === tenantId)
  if (grant !== undefined) return { id: tenantId, slug: grant.slug, name: grant.name }
  return tenants.find(({ id }) => id === tenantId) ?? null
}
