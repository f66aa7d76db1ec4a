import type pg from 'pg'
import type { Sql } from 'watertight/sql'
import { qualifiedName, sql } from 'watertight/sql'

/** Rows of all tenants, as a superuser sees them: what may be shown to whom. */
export interface TenantRows {
  /** The tenant of every row that there is or was, by its id. */
  readonly ownerOf: ReadonlyMap<string, RowOwner>
  /** Ids by table, then by tenant; `''` for rows of no tenant. */
  readonly idsOf: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
  /** Texts that rows of one tenant alone had at the start. */
  readonly textOwnerOf: ReadonlyMap<string, string>
  /** Ids and texts that anybody may read, now or earlier. */
  readonly published: ReadonlySet<string>
  /** The tenants that a user belongs to, has a grant for or asked for. */
  readonly tenantsOf: ReadonlyMap<string, ReadonlySet<string>>
  refresh(): Promise<void>
}

/** Whose a row is. */
export interface RowOwner {
  readonly tenantId: string
  readonly table: string
}

interface Owned {
  readonly id: string
  readonly tenant: string
}

const publishedRows = `
  select e.id::text, e.slug, e.title, e.summary, e.description, e.venue, e.city, e.country,
    e.time_zone, e.categories, e.title_key, e.city_key, t.id::text as tenant,
    t.slug as org, t.name, array(select k.id::text from evt.ticket_types k where k.event_id = e.id) as types,
    array(select k.name from evt.ticket_types k where k.event_id = e.id) as names,
    array(select k.description from evt.ticket_types k where k.event_id = e.id) as texts
  from core.tenants t left join evt.events e on e.tenant_id = t.id and e.status <> 'draft'
  where t.has_public_page`

// A tenant has the id of the request that it was made for, which whoever asked may see.
const tenantsOfUsers = `
  select user_id::text as id, tenant_id::text as tenant from core.memberships
  union select grantee_id::text, tenant_id::text from core.access_grants
  union select requested_by::text, id::text from core.organization_requests`

/** A table and how its rows tell whose they are. */
interface Relation {
  readonly name: string
  readonly from: Sql
  /** The tenant as text; empty for rows of no tenant. */
  readonly tenant: Sql
  readonly hasId: boolean
}

/** Partitions are read with the table that they are of. */
const relationsOfPlatform = `
  select n.nspname as schema, c.relname as name,
    bool_or(a.attname = 'id') as has_id, bool_or(a.attname = 'tenant_id') as has_tenant
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind in ('r', 'p') and not c.relispartition
    and n.nspname in ('core', 'ops', 'sec', 'eval', 'media', 'evt', 'notify')
  group by 1, 2 order by 1, 2`

/** Opens the rows of a database and reads them once. */
export async function openTenantRows(admin: pg.Client): Promise<TenantRows> {
  const ownerOf = new Map<string, RowOwner>()
  const idsOf = new Map<string, Map<string, string[]>>()
  const published = new Set<string>()
  const tenantsOf = new Map<string, Set<string>>()
  const relations = await readRelations(admin)

  async function refresh(): Promise<void> {
    for (const { name, from, tenant, hasId } of relations) {
      if (!hasId) continue
      const { rows } = await admin.query<Owned>(
        sql`select id::text as id, ${tenant} as tenant from ${from} t order by id`.text,
      )
      const byTenant = new Map<string, string[]>()
      for (const row of rows) {
        const ids = byTenant.get(row.tenant)
        if (ids === undefined) byTenant.set(row.tenant, [row.id])
        else ids.push(row.id)
        if (row.tenant !== '') ownerOf.set(row.id, { tenantId: row.tenant, table: name })
      }
      idsOf.set(name, byTenant)
    }
    const shown = await admin.query<Record<string, unknown>>(publishedRows)
    for (const text of shown.rows.flatMap(textsOf)) published.add(text)
    for (const { id, tenant } of (await admin.query<Owned>(tenantsOfUsers)).rows) {
      tenantsOf.set(id, (tenantsOf.get(id) ?? new Set()).add(tenant))
    }
  }

  await refresh()
  return {
    ownerOf,
    idsOf,
    textOwnerOf: await readTexts(admin, relations),
    published,
    tenantsOf,
    refresh,
  }
}

async function readRelations(admin: pg.Client): Promise<readonly Relation[]> {
  const { rows } = await admin.query<{
    schema: string
    name: string
    has_id: boolean
    has_tenant: boolean
  }>(relationsOfPlatform)
  return rows.map(({ schema, name, has_id: hasId, has_tenant: hasTenant }) => {
    const ofNobody = schema === 'core' && name === 'tenants' ? sql`t.id::text` : sql`''`
    const tenant = hasTenant ? sql`coalesce(t.tenant_id::text, '')` : ofNobody
    return { name: `${schema}.${name}`, from: qualifiedName(schema, name), tenant, hasId }
  })
}

/** Long enough, and no word of the software: with a capital, a digit, a space or an at sign. */
const isDistinctive = /^(?!\d{4}-\d\d-\d\d)(?![0-9a-f-]{36}$)(?=.*[A-Z0-9 @]).{10,}$/s

/** The texts that only one tenant has, and no row that all share. */
async function readTexts(
  admin: pg.Client,
  relations: readonly Relation[],
): Promise<Map<string, string>> {
  const owners = new Map<string, Set<string>>()
  for (const { from, tenant } of relations) {
    const { rows } = await admin.query<{ row: unknown; tenant: string }>(
      sql`select to_jsonb(t) as row, ${tenant} as tenant from ${from} t`.text,
    )
    for (const row of rows) {
      for (const text of textsOf(row.row)) {
        if (!isDistinctive.test(text)) continue
        owners.set(text, (owners.get(text) ?? new Set()).add(row.tenant))
      }
    }
  }
  return new Map(
    [...owners].flatMap(([text, [owner = '', ...others]]) =>
      owner === '' || others.length > 0 ? [] : [[text, owner] as const],
    ),
  )
}

/** All texts in a value of JSON. */
export function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsOf)
}
