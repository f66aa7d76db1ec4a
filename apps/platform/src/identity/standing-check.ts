import { parseTenantContext } from 'watertight/runtime'
import type { BatchItem, OrgScope, TransactionVerbs, TxManager } from 'watertight/runtime'
import { capabilitiesByRole } from '../api/capabilities.js'
import type { Capability, MembershipRole } from '../api/capabilities.js'
import { openGrant } from './directory-repository.js'
import type { MemberStanding, Standing, WantedStanding } from './standing.js'

/** Says what somebody is in a tenant at this moment, by an API key of theirs or not; null for nothing. */
type StandingCheck = (wanted: WantedStanding, apiKeyId: string | null) => Promise<Standing | null>

const membershipOf = `
  select m.role
  from core.memberships m
  join core.tenants t on t.id = m.tenant_id
  join core.users u on u.id = m.user_id
  where m.user_id = $1 and m.tenant_id = $2 and m.status = 'active'
    and t.status = 'active' and t.deleted_at is null
    and u.status = 'active' and u.deleted_at is null`

// A unit below a place with subtree scope is a place, too. UNION ends at a cycle.
const placesOf = `
  with recursive above as (
    select id, parent_id from core.org_units
    where tenant_id = $2 and archived_at is null and id = coalesce($3::uuid,
      (select k.org_unit_id from core.api_keys k where k.id = $4 and k.tenant_id = $2))
    union
    select o.id, o.parent_id from core.org_units o
    join above a on o.id = a.parent_id
    where o.tenant_id = $2
  )
  select p.org_unit_id, p.scope, p.org_unit_id in (select id from above) as is_above
  from core.org_memberships p
  join core.org_units o on o.id = p.org_unit_id
  where p.user_id = $1 and p.tenant_id = $2 and o.archived_at is null
  order by p.scope desc, p.created_at, p.org_unit_id`

// An API key works in the unit that it was made in.
const wantedUnit = `
  select wanted.id, o.id is not null as is_live
  from (select coalesce($1::uuid, (
    select k.org_unit_id from core.api_keys k where k.id = $3 and k.tenant_id = $2)) as id) wanted
  left join core.org_units o on o.id = wanted.id and o.tenant_id = $2 and o.archived_at is null`

// Coarse, so that a busy key does not write at every request.
const touchKey = `
  update core.api_keys set last_used_at = now()
  where id = $1 and tenant_id = $2
    and (last_used_at is null or last_used_at < now() - interval '5 minutes')`

interface PlaceRow {
  readonly org_unit_id: string
  readonly scope: 'unit' | 'subtree'
  readonly is_above: boolean
}

interface WantedUnit {
  readonly id: string | null
  readonly is_live: boolean
}

interface Place {
  readonly orgScope: OrgScope
  readonly orgUnitId: string | null
}

/**
 * Asks the database what somebody is in a tenant, in one round trip: a revoked member, a suspended
 * tenant, a disabled user and a grant that has ended are out at once.
 */
export function standingCheck(tx: TxManager): StandingCheck {
  return async (wanted, apiKeyId) => {
    if (wanted.mode !== 'member') return grantStanding(tx, wanted)
    const { tenantId, userId } = wanted
    // SECURITY: it reads memberships of the claimed tenant and nothing else, before any handler.
    const asked = parseTenantContext({ mode: 'member', tenantId, userId, orgScope: 'all' })
    return memberStanding(tx.as(asked), wanted, apiKeyId)
  }
}

/** What a member is, by a transaction that reads the whole of their tenant; null when none. */
export async function memberStanding(
  db: Pick<TransactionVerbs, 'batch'>,
  { tenantId, userId, orgUnitId, limitedTo }: WantedStanding,
  apiKeyId: string | null,
): Promise<MemberStanding | null> {
  const statements: BatchItem[] = [
    [membershipOf, [userId, tenantId]],
    [placesOf, [userId, tenantId, orgUnitId, apiKeyId]],
    [wantedUnit, [orgUnitId, tenantId, apiKeyId]],
  ]
  if (apiKeyId !== null) statements.push([touchKey, [apiKeyId, tenantId]])
  const [memberships, places, units] = await db.batch(statements)
  const role = (memberships?.rows[0] as { role: MembershipRole } | undefined)?.role
  if (role === undefined) return null
  const unit = units?.rows[0] as WantedUnit | undefined
  const place =
    role === 'tenant_admin'
      ? placeOfAdmin(unit?.id ?? null, unit?.is_live === true)
      : placeOfMember((places?.rows ?? []) as unknown as readonly PlaceRow[], unit?.id ?? null)
  if (place === null) return null
  const capabilities = limited(capabilitiesByRole[role], limitedTo)
  return { mode: 'member', tenantId, role, capabilities, ...place }
}

/** An admin works in the whole tenant, or in one unit with all below for as long as they like. */
function placeOfAdmin(orgUnitId: string | null, exists: boolean): Place | null {
  if (orgUnitId === null) return { orgScope: 'all', orgUnitId: null }
  return exists ? { orgScope: 'subtree', orgUnitId } : null
}

function placeOfMember(places: readonly PlaceRow[], orgUnitId: string | null): Place | null {
  const own = places.find((place) => orgUnitId === null || place.org_unit_id === orgUnitId)
  if (own !== undefined) return { orgScope: own.scope, orgUnitId: own.org_unit_id }
  const above = places.some((place) => place.is_above && place.scope === 'subtree')
  return above ? { orgScope: 'subtree', orgUnitId } : null
}

function limited(
  capabilities: readonly Capability[],
  limitedTo: readonly string[] | null,
): readonly Capability[] {
  if (limitedTo === null) return capabilities
  return capabilities.filter((capability) => limitedTo.includes(capability))
}

async function grantStanding(
  tx: TxManager,
  { tenantId, userId, mode, grantId }: WantedStanding,
): Promise<Standing | null> {
  if (grantId === null || mode === 'member') return null
  const asked = parseTenantContext({ mode: 'member', tenantId: null, userId })
  const grant = await openGrant(tx.as(asked), grantId)
  if (grant?.tenant_id !== tenantId || grant.mode !== mode) return null
  const { reason, can_write: canWrite, expires_at: endsAt } = grant
  return { mode, tenantId, grantId, reason, canWrite, endsAt }
}
