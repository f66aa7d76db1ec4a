import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { declarationOf, formatTableName, orgColumnOf, tenantColumnOf } from 'watertight/model'
import type { TableDeclaration, TableName, TenancyModel } from 'watertight/model'
import type { Queryable, Sql } from 'watertight/sql'
import { ident, joinSql, qualifiedName, sql, trustedSql } from 'watertight/sql'

/** One row of a table as the superuser sees it: whose it is, whatever the policies say. */
export interface MatrixRow {
  /** Values of the primary key, as JSON text. */
  readonly id: string
  readonly tenant: string | null
  readonly orgUnit: string | null
  readonly user: string | null
  /** Declared public, by the row itself and by its parent. */
  readonly isPublic: boolean
  /** The whole row, as `to_jsonb` gives it. */
  readonly record: Readonly<Record<string, unknown>>
}

/** A declared table with the facts that expectations are computed from. */
export interface MatrixTable {
  readonly name: string
  readonly sql: Sql
  readonly relation: Relation
  readonly declaration: TableDeclaration
  /** `jsonb_build_array(key columns)::text`, of a row or of the alias `r`. */
  readonly id: Sql
  readonly keyColumns: readonly string[]
  /** True when rows have a tenant, their own or their parent's. */
  readonly hasTenant: boolean
  /** Capability of members who reach the rows of others, on tables with own rows. */
  readonly unless: string | null
  /** Columns that decide whose a row is; moving a row sets them. */
  readonly ownershipColumns: readonly string[]
  readonly rows: readonly MatrixRow[]
}

/** Every declared table with all of its rows, read as the superuser. */
export async function readMatrixTables(
  admin: Queryable,
  model: TenancyModel,
  catalog: CatalogSnapshot,
): Promise<readonly MatrixTable[]> {
  const tables: MatrixTable[] = []
  for (const declaration of model.tables) {
    tables.push(await readMatrixTable(admin, model, catalog, declaration))
  }
  return tables
}

async function readMatrixTable(
  admin: Queryable,
  model: TenancyModel,
  catalog: CatalogSnapshot,
  declaration: TableDeclaration,
): Promise<MatrixTable> {
  const relation = relationOf(catalog, declaration.table)
  const keyColumns = relation.constraints.find(({ kind }) => kind === 'primary-key')?.columns ?? []
  const columns = new Set(relation.columns.map(({ name }) => name))
  const tenant = tenantOf(model, catalog, declaration, relation, sql`r`)
  const orgColumn = orgColumnOf(model, declaration.table)
  const orgUnit = declaration.scope === 'org' && columns.has(orgColumn) ? column(orgColumn) : none
  const user = userOf(model, catalog, declaration, sql`r`)
  const id = sql`jsonb_build_array(${joinSql(keyColumns.map((name) => ident(name)))})::text`
  const table = qualifiedName(relation.schema, relation.name)
  const { rows } = await admin.query<Omit<MatrixRow, 'isPublic'> & { is_public: boolean }>(
    sql`select ${id} as id, ${tenant ?? none} as tenant, ${orgUnit} as "orgUnit", ${user} as "user",
      ${isPublic(catalog, model, declaration)} as is_public, to_jsonb(r) as record
      from ${table} r order by 1`.text,
  )
  return {
    name: formatTableName(declaration.table),
    sql: table,
    relation,
    declaration,
    id,
    keyColumns,
    hasTenant: tenant !== null,
    unless: ownerOf(model, declaration)?.unless ?? null,
    ownershipColumns: ownershipColumns(model, declaration, relation, orgColumn),
    rows: rows.map(({ is_public, ...row }) => ({ ...row, isPublic: is_public })),
  }
}

const none = sql`null::text`

function column(name: string, alias: Sql = sql`r`): Sql {
  return sql`${alias}.${ident(name)}::text`
}

function relationOf(catalog: CatalogSnapshot, { schema, name }: TableName): Relation {
  const found = catalog.relations.find(
    (relation) => relation.schema === schema && relation.name === name,
  )
  if (found === undefined) throw new Error(`no table ${schema}.${name}`)
  return found
}

/** The tenant of a row: its column, or that of its parent, along the one foreign key to it. */
function tenantOf(
  model: TenancyModel,
  catalog: CatalogSnapshot,
  declaration: TableDeclaration,
  relation: Relation,
  alias: Sql,
): Sql | null {
  if (declaration.scope === 'global') return null
  if (declaration.through === null) {
    const name = tenantColumnOf(model, declaration.table)
    return relation.columns.some((each) => each.name === name) ? column(name, alias) : null
  }
  const parentName = declaration.through.table
  const parent = declarationOf(model, parentName)
  if (parent === null) throw new Error(`${parentName.name} is not declared`)
  const parentRelation = relationOf(catalog, parentName)
  const inner = tenantOf(model, catalog, parent, parentRelation, sql`p`)
  const join = parentJoin(relation, parentName, sql`p`, alias)
  return sql`(select ${inner ?? none} from ${qualifiedName(parentName.schema, parentName.name)} p
    where ${join})`
}

/** Who owns the row of a table with own rows: the declaration that has the column. */
function ownerOf(model: TenancyModel, { ownRows }: TableDeclaration): TableDeclaration['ownRows'] {
  const parent = ownRows?.through && declarationOf(model, ownRows.through.table)
  return parent ? ownerOf(model, parent) : ownRows
}

/** The user of a row: its column, or that of its parent, along the one foreign key to it. */
function userOf(
  model: TenancyModel,
  catalog: CatalogSnapshot,
  { table, userColumn, ownRows }: TableDeclaration,
  alias: Sql,
): Sql {
  const own = userColumn ?? ownRows?.userColumn ?? null
  if (own !== null) return column(own, alias)
  const parentName = ownRows?.through?.table
  const parent = parentName && declarationOf(model, parentName)
  if (!parentName || !parent) return none
  const to = sql`${alias}p`
  const inner = userOf(model, catalog, parent, to)
  const join = parentJoin(relationOf(catalog, table), parentName, to, alias)
  return sql`(select ${inner} from ${qualifiedName(parentName.schema, parentName.name)} ${to}
    where ${join})`
}

function parentJoin(child: Relation, parent: TableName, to: Sql, from: Sql): Sql {
  const key = child.constraints.find(
    ({ references }) => references?.schema === parent.schema && references.name === parent.name,
  )
  if (!key?.references) throw new Error(`${child.name} has no foreign key to ${parent.name}`)
  const { columns } = key.references
  return joinSql(
    key.columns.map(
      (name, index) => sql`${to}.${ident(columns[index] ?? '')} = ${from}.${ident(name)}`,
    ),
    ' and ',
  )
}

/** What the model declares public: the condition as its author wrote it, and a public parent. */
function isPublic(
  catalog: CatalogSnapshot,
  model: TenancyModel,
  { table, public: projection }: TableDeclaration,
): Sql {
  if (projection === null) return sql`false`
  const own = projection.where === null ? sql`true` : sql`(${trustedSql(projection.where)})`
  if (projection.through === null) return own
  const parentName = projection.through.table
  const parent = declarationOf(model, parentName)
  if (parent === null) throw new Error(`${parentName.name} is not declared`)
  const join = parentJoin(relationOf(catalog, table), parentName, sql`p`, sql`r`)
  // Inside, the alias `r` is the parent.
  return sql`(${own} and exists (select from (select r.*, ${isPublic(catalog, model, parent)} as shown
    from ${qualifiedName(parentName.schema, parentName.name)} r) p where p.shown and ${join}))`
}

function ownershipColumns(
  model: TenancyModel,
  declaration: TableDeclaration,
  relation: Relation,
  orgColumn: string,
): readonly string[] {
  if (declaration.scope === 'global') return []
  if (declaration.through !== null) {
    const parent = declaration.through.table
    const key = relation.constraints.find(
      ({ references }) => references?.schema === parent.schema && references.name === parent.name,
    )
    return key?.columns ?? []
  }
  const names = [
    tenantColumnOf(model, declaration.table),
    ...(declaration.scope === 'org' ? [orgColumn] : []),
    ...[declaration.userColumn, declaration.ownRows?.userColumn ?? null].filter(
      (name) => name !== null,
    ),
  ]
  return names.filter((name) => relation.columns.some((each) => each.name === name))
}
