import { ident, joinSql, literal, qualifiedName, sql } from '../../sql/index.js'
import type { Queryable, Sql } from '../../sql/index.js'

/**
 * How far rows of an erased tenant are looked for: in every column that is named like a tenant column
 * or refers to the table of tenants, or in every column of every table.
 */
export type Search = 'columns' | 'everything'

/** Where rows were looked for, and how many hold the tenant. */
export interface Remaining {
  /** `schema.table`, quoted where needed. */
  readonly table: string
  /** Columns that were compared; null for the whole row as text. */
  readonly columns: readonly string[] | null
  readonly rows: number
}

interface Place {
  readonly schema: string
  readonly name: string
  readonly display: string
  readonly columns: string[]
}

/**
 * Read from the catalog, not from the model: what nobody declared is found too. Materialised views are
 * copies of rows; partitions are read through their roots.
 */
const places = `
  select n.nspname as schema, c.relname as name, format('%I.%I', n.nspname, c.relname) as display,
    array(
      select a.attname::text from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and (a.attname = any ($1::text[]) or exists (
          select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f'
            and k.confrelid = $2::regclass and a.attnum = any (k.conkey)))
      order by a.attnum) as columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm') and not c.relispartition
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    and (c.relkind <> 'm' or c.relispopulated)
  order by 3`

/** Counts rows that hold the tenant's id, wherever they are. */
export async function findRemaining(
  db: Queryable,
  tenantId: string,
  tenantColumns: readonly string[],
  tenantsTable: Sql | null,
  search: Search,
): Promise<readonly Remaining[]> {
  const { rows } = await db.query<Place>(places, [tenantColumns, tenantsTable?.text ?? null])
  const found: Remaining[] = []
  for (const place of rows) {
    const columns = search === 'everything' ? null : place.columns
    if (columns?.length === 0) continue
    const { rows: counts } = await db.query<{ count: string }>(
      sql`select count(*)::text as count from ${qualifiedName(place.schema, place.name)} r
        where ${holds(columns, tenantId)}`.text,
    )
    found.push({ table: place.display, columns, rows: Number(counts[0]?.count) })
  }
  return found
}

function holds(columns: readonly string[] | null, tenantId: string): Sql {
  const id = literal(tenantId)
  if (columns === null) return sql`position(${id} in r::text) > 0`
  return joinSql(
    columns.map((column) => sql`r.${ident(column)}::text = ${id}`),
    ' or ',
  )
}
