import { WatertightError } from '../../errors/index.js'
import { formatTableName, tenantColumnOf } from '../../model/index.js'
import type { TableDeclaration, TableName, TenancyModel } from '../../model/index.js'
import type { Queryable } from '../../sql/index.js'

/** A table that holds rows of tenants. */
export interface TenantTable {
  readonly table: TableName
  /** `schema.table`, as in a model. */
  readonly name: string
  /** Column that holds the tenant; null when rows take it over from a parent. */
  readonly tenantColumn: string | null
  /** Columns of the primary key, in their order; empty without one. */
  readonly keyColumns: readonly string[]
}

/** The tables of tenants, and those of the model that have none of their rows. */
export interface TenantTables {
  readonly tables: readonly TenantTable[]
  /** Global tables, and tables of users that no tenant owns. */
  readonly others: readonly string[]
}

interface CatalogRow {
  readonly is_there: boolean
  readonly has_tenant: boolean
  readonly key_columns: string[]
}

const facts = `
  select c.oid is not null as is_there,
    exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = d.tenant_column
      and not a.attisdropped) as has_tenant,
    array(select a.attname::text from pg_index i
      cross join unnest(i.indkey::int2[]) with ordinality k (attnum, position)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      where i.indrelid = c.oid and i.indisprimary order by k.position) as key_columns
  from unnest($1::text[], $2::text[], $3::text[]) with ordinality
    d (schema_name, table_name, tenant_column, position)
  left join pg_namespace n on n.nspname = d.schema_name
  left join pg_class c on c.relnamespace = n.oid and c.relname = d.table_name
    and c.relkind in ('r', 'p')
  order by d.position`

const undeclared = `
  select format('%I.%I', n.nspname, c.relname) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = $2 and not a.attisdropped
  where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p') and not c.relispartition
    and not exists (select from unnest($3::text[], $4::text[]) d (schema_name, table_name)
      where d.schema_name = n.nspname and d.table_name = c.relname)
  order by 1`

/**
 * Which tables hold rows of tenants, by model and catalog.
 *
 * @throws MODEL_MISMATCH when a declared table is not there, or a table with the tenant's column is
 * not declared: whether it holds rows of the tenant would be anybody's guess.
 */
export async function readTenantTables(db: Queryable, model: TenancyModel): Promise<TenantTables> {
  const declared = model.tables
  const schemas = declared.map(({ table }) => table.schema)
  const names = declared.map(({ table }) => table.name)
  const { rows: strays } = await db.query<{ name: string }>(undeclared, [
    model.schemas,
    model.tenantKey.column,
    schemas,
    names,
  ])
  const { rows } = await db.query<CatalogRow>(facts, [
    schemas,
    names,
    declared.map(({ table }) => tenantColumnOf(model, table)),
  ])
  const missing = declared.filter((_, position) => rows[position]?.is_there !== true)
  const problems = [
    ...missing.map(({ table }) => ({
      path: `tables.${formatTableName(table)}`,
      message: 'no such table',
    })),
    ...strays.map(({ name }) => ({ path: `tables.${name}`, message: 'is not declared' })),
  ]
  if (problems.length > 0) {
    throw new WatertightError('MODEL_MISMATCH', 'the tables of tenants are not those declared', {
      problems,
      hint: 'Declare every table with the tenant column, if only as global.',
    })
  }
  const tables: TenantTable[] = []
  const others: string[] = []
  for (const [position, declaration] of declared.entries()) {
    const found = tenantTable(declaration, rows[position], model)
    if (found) tables.push(found)
    else others.push(formatTableName(declaration.table))
  }
  return { tables, others }
}

function tenantTable(
  { table, scope, through }: TableDeclaration,
  row: CatalogRow | undefined,
  model: TenancyModel,
): TenantTable | null {
  if (scope === 'global' || row === undefined) return null
  const base = { table, name: formatTableName(table), keyColumns: row.key_columns }
  if (through !== null) return { ...base, tenantColumn: null }
  return row.has_tenant ? { ...base, tenantColumn: tenantColumnOf(model, table) } : null
}
