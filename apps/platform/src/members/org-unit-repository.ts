import type { Queryable, Sql } from 'watertight/sql'
import { sql } from 'watertight/sql'
import { byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** A row of `core.org_units`, with its place relative to the caller. */
export interface OrgUnitRow {
  readonly id: string
  readonly parent_id: string | null
  readonly name: string
  readonly slug: string
  readonly is_hidden_root: boolean
  /** Names from the top of what the caller works in down to the unit, without the hidden root. */
  readonly path: readonly string[]
  readonly created_at: Date
  readonly archived_at: Date | null
}

/** Which units a list holds. */
export interface OrgUnitFilter extends PageFilter<OrgUnitSort> {
  readonly parentId: string | null
  readonly isArchived: boolean
  /** Part of the name; case does not matter. */
  readonly search: string | null
  readonly ids: readonly string[] | null
}

const unitsInScope = sql`any ((select watertight.org_unit_ids())::uuid[])`
const inScope = sql`o.id = ${unitsInScope}`

/** @param isWholeTenant whether the caller sees units that they do not work in */
function columns(isWholeTenant: Sql): Sql {
  return sql`o.id, o.parent_id, o.name, o.slug::text as slug, o.is_hidden_root,
    (with recursive above(name, parent_id, distance) as (
       select o.name, o.parent_id, 0
       union all
       select p.name, p.parent_id, a.distance + 1
       from core.org_units p join above a on p.id = a.parent_id
       where not p.is_hidden_root and a.distance < 64 and (${isWholeTenant} or p.id = ${unitsInScope}))
     select array_agg(above.name order by above.distance desc) from above) as path,
    o.created_at, o.archived_at`
}

/** What org units can be listed by. */
export type OrgUnitSort = 'name' | 'createdAt'

/** The orders of the list of org units. */
export const orgUnitOrders: SortOrders<OrgUnitSort> = sortOrders(
  { name: byText(sql`name`), createdAt: byTime(sql`created_at`) },
  '-createdAt',
)

/** Units that the caller works in, or all; newest first, one more than the limit. */
export async function listOrgUnits(
  db: Queryable,
  isWholeTenant: boolean,
  filter: OrgUnitFilter,
): Promise<Sorted<OrgUnitRow>[]> {
  const page = pageSql(orgUnitOrders, filter)
  const { rows } = await db.query<Sorted<OrgUnitRow>>(
    sql`select *, ${page.column} from (
        select ${columns(sql`$4::boolean`)} from core.org_units o
        where ($4::boolean or ${inScope}) and (o.archived_at is not null) = $5
          and ($6::uuid is null or o.parent_id = $6)
          and ($7::text is null or strpos(lower(o.name), lower($7)) > 0)
          and ($8::uuid[] is null or o.id = any ($8))) o
      where ${page.after} ${page.orderAndLimit}`.text,
    [...page.values, isWholeTenant, filter.isArchived, filter.parentId, filter.search, filter.ids],
  )
  return rows
}

/** The unit, if the caller works in it or sees the whole tenant. */
export async function findOrgUnit(
  db: Queryable,
  isWholeTenant: boolean,
  id: string,
): Promise<OrgUnitRow | undefined> {
  const { rows } = await db.query<OrgUnitRow>(
    sql`select ${columns(sql`$2::boolean`)} from core.org_units o where o.id = $1 and ($2::boolean or ${inScope})`
      .text,
    [id, isWholeTenant],
  )
  return rows[0]
}

/** The hidden root of the tenant. */
export async function findRoot(db: Queryable): Promise<OrgUnitRow | undefined> {
  const { rows } = await db.query<OrgUnitRow>(
    sql`select ${columns(sql`true`)} from core.org_units o where o.parent_id is null`.text,
  )
  return rows[0]
}

/**
 * Locks the tree of the tenant by its root: one change of its shape at a time. References to the root
 * go on meanwhile.
 */
export async function lockTree(db: Queryable): Promise<void> {
  await db.query('select id from core.org_units where parent_id is null for no key update')
}

/** Keeps a live unit from being archived until the transaction ends; false when it is not live. */
export async function holdOrgUnit(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query(
    'select id from core.org_units where id = $1 and archived_at is null for share',
    [id],
  )
  return rows.length === 1
}

/** Ids from the unit up to the root, the unit first. */
export async function pathToRoot(db: Queryable, id: string): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `with recursive above(id, parent_id, distance) as (
       select o.id, o.parent_id, 0 from core.org_units o where o.id = $1
       union all
       select o.id, o.parent_id, a.distance + 1
       from core.org_units o join above a on o.id = a.parent_id where a.distance < 64)
     select id from above order by distance`,
    [id],
  )
  return rows.map((row) => row.id)
}

/** How many levels are below a unit; 0 for a leaf. */
export async function levelsBelow(db: Queryable, id: string): Promise<number> {
  const { rows } = await db.query<{ levels: number }>(
    `with recursive below(id, distance) as (
       select o.id, 0 from core.org_units o where o.id = $1
       union all
       select o.id, b.distance + 1
       from core.org_units o join below b on o.parent_id = b.id where b.distance < 64)
     select max(distance) as levels from below`,
    [id],
  )
  return rows[0]?.levels ?? 0
}

/** Makes a unit below another. */
export async function insertOrgUnit(
  db: Queryable,
  isWholeTenant: boolean,
  unit: {
    readonly tenantId: string
    readonly parentId: string
    readonly name: string
    readonly slug: string
  },
): Promise<OrgUnitRow> {
  const { rows } = await db.query<OrgUnitRow>(
    sql`insert into core.org_units as o (tenant_id, parent_id, name, slug)
      values ($1, $2, $3, $4) returning ${columns(sql`$5::boolean`)}`.text,
    [unit.tenantId, unit.parentId, unit.name, unit.slug, isWholeTenant],
  )
  const [row] = rows
  if (row === undefined) throw new Error('an inserted row is returned')
  return row
}

/** What changes of a unit; what is undefined stays. */
export interface OrgUnitChange {
  readonly name?: string | undefined
  readonly slug?: string | undefined
  readonly parentId?: string | undefined
  readonly isArchived?: true
}

/** Changes a live unit other than the root; undefined when there is none. */
export async function changeOrgUnit(
  db: Queryable,
  isWholeTenant: boolean,
  id: string,
  { name, slug, parentId, isArchived }: OrgUnitChange,
): Promise<OrgUnitRow | undefined> {
  const { rows } = await db.query<OrgUnitRow>(
    sql`update core.org_units as o set
        name = coalesce($2, o.name), slug = coalesce($3::text, o.slug),
        parent_id = coalesce($4, o.parent_id),
        archived_at = case when $5 then now() else o.archived_at end
      where o.id = $1 and o.archived_at is null and not o.is_hidden_root
      returning ${columns(sql`$6::boolean`)}`.text,
    [id, name ?? null, slug ?? null, parentId ?? null, isArchived === true, isWholeTenant],
  )
  return rows[0]
}

/** What stands against archiving a unit. */
export interface UnitInUse {
  readonly children: number
  readonly members: number
  readonly invitations: number
}

/** Live units below it, members who work in it, open invitations into it. */
export async function usesOfOrgUnit(db: Queryable, id: string): Promise<UnitInUse> {
  const { rows } = await db.query<UnitInUse>(
    `select
       (select count(*)::int from core.org_units o
        where o.parent_id = $1 and o.archived_at is null) as children,
       (select count(*)::int from core.org_memberships p
        join core.memberships m on m.user_id = p.user_id
        where p.org_unit_id = $1 and m.status <> 'revoked') as members,
       (select count(*)::int from core.invitations i
        where i.org_unit_id = $1 and i.accepted_at is null and i.revoked_at is null
          and i.expires_at > now()) as invitations`,
    [id],
  )
  return rows[0] ?? { children: 0, members: 0, invitations: 0 }
}
