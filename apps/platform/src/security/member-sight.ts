import type { Queryable } from 'watertight/sql'

const isMember = `
select from core.memberships m join core.users u on u.id = m.user_id
where m.user_id = $1 and m.status = 'active' and u.status = 'active' and u.deleted_at is null`

// Upwards from the org unit of the alert: a place with scope subtree covers all that is below it.
// What is archived is no place any more.
const canSee = `
with recursive above(id, parent_id, distance, is_live) as (
  select u.id, u.parent_id, 0, u.archived_at is null from core.org_units u where u.id = $2
  union all
  select u.id, u.parent_id, a.distance + 1, u.archived_at is null
  from core.org_units u join above a on u.id = a.parent_id
  where a.distance < 100)
select from core.memberships m join core.users u on u.id = m.user_id
where m.user_id = $1 and m.status = 'active' and u.status = 'active' and u.deleted_at is null
  and (m.role = 'tenant_admin' or exists (
    select from core.org_memberships p join above a on a.id = p.org_unit_id
    where p.user_id = m.user_id and a.is_live and (a.distance = 0 or p.scope = 'subtree')))`

/** True when the user is an active member of the tenant. */
export async function isActiveMember(db: Queryable, userId: string): Promise<boolean> {
  const { rows } = await db.query(isMember, [userId])
  return rows.length > 0
}

/** True when the user is an active member of the tenant whose place covers the org unit. */
export async function canSeeOrgUnit(
  db: Queryable,
  userId: string,
  orgUnitId: string,
): Promise<boolean> {
  const { rows } = await db.query(canSee, [userId, orgUnitId])
  return rows.length > 0
}
