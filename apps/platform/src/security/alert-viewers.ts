import type { Queryable } from 'watertight/sql'

// Upwards from the org unit of the alert: a place with scope subtree covers all that is below it.
const canSee = `
with recursive above(id, parent_id, distance) as (
  select u.id, u.parent_id, 0 from core.org_units u where u.id = $2
  union all
  select u.id, u.parent_id, a.distance + 1 from core.org_units u join above a on u.id = a.parent_id
  where a.distance < 100)
select exists (
  select from core.memberships m
  where m.user_id = $1 and m.status = 'active' and (
    m.role = 'tenant_admin'
    or exists (
      select from core.org_memberships p join above a on a.id = p.org_unit_id
      where p.user_id = m.user_id and (a.distance = 0 or p.scope = 'subtree')))) as can_see`

/** True when the user is an active member of the tenant whose place covers the org unit. */
export async function canSeeOrgUnit(
  db: Queryable,
  userId: string,
  orgUnitId: string,
): Promise<boolean> {
  const { rows } = await db.query<{ can_see: boolean }>(canSee, [userId, orgUnitId])
  return rows[0]?.can_see === true
}
