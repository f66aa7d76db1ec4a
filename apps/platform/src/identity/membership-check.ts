import type { HttpTenancyOptions, Membership, Principal } from 'watertight/http'
import { parseTenantContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { capabilitiesByRole } from '../api/capabilities.js'
import type { MembershipRole } from '../api/capabilities.js'

type MembershipCheck = NonNullable<HttpTenancyOptions['checkMembership']>

const membershipOf = `
  select m.role
  from core.memberships m
  join core.tenants t on t.id = m.tenant_id
  join core.users u on u.id = m.user_id
  where m.user_id = $1 and m.tenant_id = $2 and m.status = 'active'
    and t.status = 'active' and t.deleted_at is null and u.status = 'active'`

const placesOf = `
  select p.org_unit_id, p.scope
  from core.org_memberships p
  join core.org_units o on o.id = p.org_unit_id
  where p.user_id = $1 and p.tenant_id = $2 and o.archived_at is null
  order by p.scope desc, p.created_at, p.org_unit_id`

interface Place {
  readonly org_unit_id: string
  readonly scope: 'unit' | 'subtree'
}

/**
 * Asks the database at every request what the caller is in the tenant of the token, in one round
 * trip: a revoked member, a suspended tenant and a disabled user are out at once. The claim
 * `org_unit_id` picks one of several places; a place that is not the caller's is not found.
 */
export function membershipCheck(tx: TxManager): MembershipCheck {
  return async (principal: Principal): Promise<Membership | null> => {
    const { tenantId, userId } = principal
    // SECURITY: it reads memberships of the claimed tenant and nothing else, before any handler.
    const asked = parseTenantContext({ mode: 'member', tenantId, userId, orgScope: 'all' })
    const [memberships, places] = await tx.batch(asked, [
      [membershipOf, [userId, tenantId]],
      [placesOf, [userId, tenantId]],
    ])
    const role = (memberships?.rows[0] as { role: MembershipRole } | undefined)?.role
    if (role === undefined) return null
    const capabilities = capabilitiesByRole[role]
    if (role === 'tenant_admin') return { capabilities, orgScope: 'all', orgUnitId: null }
    const own = (places?.rows ?? []) as unknown as readonly Place[]
    const place = own.find(
      ({ org_unit_id: unit }) => principal.orgUnitId === null || unit === principal.orgUnitId,
    )
    if (place === undefined) return null
    return { capabilities, orgScope: place.scope, orgUnitId: place.org_unit_id }
  }
}
