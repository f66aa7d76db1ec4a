import type { Queryable } from 'watertight/sql'

/** An org unit that its user can work in. */
export interface OwnUnit {
  readonly id: string
  readonly parent_id: string | null
  readonly name: string
  readonly scope: 'unit' | 'subtree'
}

const ownUnits = `
  with recursive own as (
    select p.org_unit_id as id, p.scope from core.org_memberships p where p.user_id = $1
    union
    select o.id, 'subtree'::core.org_scope from core.org_units o where $2 and o.parent_id is null
    union
    select o.id, 'subtree'::core.org_scope
    from core.org_units o join own on o.parent_id = own.id and own.scope = 'subtree'
  )
  select o.id, o.parent_id, o.name, max(own.scope) as scope
  from own join core.org_units o on o.id = own.id
  where o.archived_at is null
  group by o.id, o.parent_id, o.name
  order by o.parent_id nulls first, o.name, o.id
  limit 500`

/** Units that a member can switch to: their places, and what is below those with subtree scope. */
export async function listOwnUnits(
  db: Queryable,
  userId: string,
  isAdmin: boolean,
): Promise<OwnUnit[]> {
  const { rows } = await db.query<OwnUnit>(ownUnits, [userId, isAdmin])
  return rows
}
