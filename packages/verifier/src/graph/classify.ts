import type { CatalogSnapshot, Constraint, Relation } from 'watertight/catalog'
import type {
  PublicProjection,
  ScopeClass,
  TableDeclaration,
  TableName,
  TenancyModel,
} from 'watertight/model'
import { objectName } from './object-name.js'
import { oncePer } from './once-per.js'
import { parentKey } from './parent-key.js'
import { relationNamed } from './relation-named.js'

/** The way from a row to the row it gets its tenant from. */
export interface ParentLink {
  readonly parent: Relation
  readonly columns: readonly string[]
  readonly parentColumns: readonly string[]
}

/** Which member a row belongs to: one named by a column, or the one of its parent. */
export interface OwnerOfRows {
  readonly userColumn: string | null
  readonly through: ParentLink | null
  /** Capability of members who reach the rows of others too. */
  readonly unless: string | null
}

/** A table and what it is said (or found) to be. */
export interface ClassifiedTable {
  readonly relation: Relation
  /** {@link objectName} of the relation. */
  readonly name: string
  /** Null: neither declared nor recognisable. */
  readonly scope: ScopeClass | null
  /** The scope was not declared but found. */
  readonly inferred: boolean
  readonly tenantColumn: string | null
  readonly userColumn: string | null
  readonly through: ParentLink | null
  /** Null: members reach the rows of all in their tenant and org units. */
  readonly ownRows: OwnerOfRows | null
  readonly public: PublicProjection | null
  readonly declaration: TableDeclaration | null
}

/** Every table of the model's schemas, classified. */
export interface Classification {
  readonly tables: readonly ClassifiedTable[]
  /** By {@link objectName}. */
  get(name: string): ClassifiedTable | undefined
  /** The table's rows belong to a tenant, an org unit or a user. */
  isProtected(name: string): boolean
}

const tableKinds: ReadonlySet<string> = new Set(['table', 'partitioned-table', 'foreign-table'])

/** Decides for every table of the model's schemas whose rows it holds. Pure. */
export function classify(declared: TenancyModel, catalog: CatalogSnapshot): Classification {
  const model = withTenantTable(declared, catalog)
  const relations = new Map(
    catalog.relations
      .filter((relation) => tableKinds.has(relation.kind))
      .map((relation) => [objectName(relation), relation]),
  )
  const declarations = new Map(model.tables.map((entry) => [objectName(entry.table), entry]))
  const wanted = new Set([...model.schemas, ...model.tables.map((entry) => entry.table.schema)])
  const found = new Map<string, ClassifiedTable>()

  const visit = (name: string, trail: readonly string[]): ClassifiedTable | undefined => {
    const done = found.get(name)
    if (done !== undefined) return done
    const relation = relations.get(name)
    if (relation === undefined || trail.includes(name)) return undefined
    const declaration = declarations.get(name) ?? null
    const next = [...trail, name]
    const table =
      fromDeclaration(model, relation, declaration, relations) ??
      fromColumns(model, relation) ??
      fromRoot(relation, (parent) => visit(parent, next)) ??
      fromParent(relation, relations, (parent) => visit(parent, next)) ??
      unclassified(relation)
    found.set(name, table)
    return table
  }

  for (const [name, relation] of relations) {
    if (wanted.has(relation.schema) && relation.persistence !== 'temporary') visit(name, [])
  }
  const tables = [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return {
    tables,
    get: (name) => found.get(name),
    isProtected: (name) => {
      const scope = found.get(name)?.scope ?? null
      return scope !== null && scope !== 'global'
    },
  }
}

/**
 * The model with its table of tenants, where it names none: the table whose primary key most foreign
 * keys of the tenant column point to. Its rows are the tenants, so each is one tenant's.
 */
export function withTenantTable(model: TenancyModel, catalog: CatalogSnapshot): TenancyModel {
  return completed(model)(catalog)
}

const completed: (model: TenancyModel) => (catalog: CatalogSnapshot) => TenancyModel = oncePer(
  (model) => oncePer((catalog) => complete(model, catalog)),
)

function complete(model: TenancyModel, catalog: CatalogSnapshot): TenancyModel {
  const { tenantKey } = model
  if (tenantKey.table !== null) return model
  const found = referencedByKey(model, catalog)
  if (found === null) return model
  const { schema, name } = found
  return { ...model, tenantKey: { ...tenantKey, table: { schema, name } } }
}

function referencedByKey({ tenantKey }: TenancyModel, catalog: CatalogSnapshot): Relation | null {
  const counts = new Map<string, number>()
  for (const relation of catalog.relations) {
    for (const { columns, references } of relation.constraints) {
      if (references === null || columns.length !== 1 || columns[0] !== tenantKey.column) continue
      const name = objectName(references)
      if (name !== objectName(relation)) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  const [most] = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  const found = most === undefined ? undefined : relationNamed(catalog, most[0])
  return found !== undefined && singlePrimaryKey(found) !== null ? found : null
}

function base(relation: Relation): ClassifiedTable {
  return {
    relation,
    name: objectName(relation),
    scope: null,
    inferred: true,
    tenantColumn: null,
    userColumn: null,
    through: null,
    ownRows: null,
    public: null,
    declaration: null,
  }
}

const unclassified = base

/** The column that holds the tenant on this table, if the table has it. */
function tenantColumnOf(
  model: TenancyModel,
  relation: Relation,
  declaration: TableDeclaration | null,
): string | null {
  const name = objectName(relation)
  const key = model.tenantKey
  const has = (column: string): boolean => relation.columns.some((c) => c.name === column)
  const chosen = declaration?.tenantColumn ?? key.columnByTable[name] ?? null
  if (chosen !== null) return has(chosen) ? chosen : null
  if (isNamed(key.table, relation)) return singlePrimaryKey(relation)
  return has(key.column) ? key.column : null
}

function fromDeclaration(
  model: TenancyModel,
  relation: Relation,
  declaration: TableDeclaration | null,
  relations: ReadonlyMap<string, Relation>,
): ClassifiedTable | null {
  if (declaration === null || declaration.scope === null) return null
  const parent = declaration.through && relations.get(objectName(declaration.through.table))
  const link = parent ? linkTo(relation, parent, declaration.through?.foreignKey ?? null) : null
  const global = declaration.scope === 'global'
  return {
    ...base(relation),
    scope: declaration.scope,
    inferred: false,
    tenantColumn:
      global || declaration.through !== null ? null : tenantColumnOf(model, relation, declaration),
    userColumn: userColumnOf(relation, declaration),
    through: link,
    ownRows: ownRowsOf(relation, declaration, relations),
    public: declaration.public,
    declaration,
  }
}

function ownRowsOf(
  relation: Relation,
  { ownRows }: TableDeclaration,
  relations: ReadonlyMap<string, Relation>,
): OwnerOfRows | null {
  if (ownRows === null) return null
  const { userColumn, through, unless } = ownRows
  const parent = through && relations.get(objectName(through.table))
  const link = parent ? linkTo(relation, parent, through.foreignKey) : null
  return { userColumn, through: link, unless }
}

/** The owner column of a `self` table: declared, else `user_id`, else the primary key. */
function userColumnOf(relation: Relation, declaration: TableDeclaration): string | null {
  if (declaration.scope !== 'self') return declaration.userColumn
  const conventional = relation.columns.some((column) => column.name === 'user_id')
  return declaration.userColumn ?? (conventional ? 'user_id' : singlePrimaryKey(relation))
}

function fromColumns(model: TenancyModel, relation: Relation): ClassifiedTable | null {
  const declaration = model.tables.find((entry) => isNamed(entry.table, relation)) ?? null
  const tenantColumn = tenantColumnOf(model, relation, declaration)
  if (tenantColumn === null) return null
  const orgColumn = model.orgUnits?.columnByTable[objectName(relation)] ?? model.orgUnits?.column
  const isOrg = relation.columns.some((column) => column.name === orgColumn)
  return {
    ...base(relation),
    scope: isOrg ? 'org' : 'tenant',
    tenantColumn,
    public: declaration?.public ?? null,
    declaration,
  }
}

/** A partition or INHERITS child is what its parent is. */
function fromRoot(
  relation: Relation,
  visit: (name: string) => ClassifiedTable | undefined,
): ClassifiedTable | null {
  for (const parent of relation.parents) {
    const table = visit(objectName(parent))
    if (table === undefined || table.scope === null) continue
    return { ...table, relation, name: objectName(relation), inferred: true, declaration: null }
  }
  return null
}

/** A table without tenant column whose rows cannot exist without a tenant's row belongs to it. */
function fromParent(
  relation: Relation,
  relations: ReadonlyMap<string, Relation>,
  visit: (name: string) => ClassifiedTable | undefined,
): ClassifiedTable | null {
  const tableOf = (parent: TableName): ClassifiedTable | null => {
    const table = relations.has(objectName(parent)) ? visit(objectName(parent)) : undefined
    return table?.scope === 'tenant' || table?.scope === 'org' ? table : null
  }
  const key = parentKey(relation, (parent) => tableOf(parent) !== null)
  const table = key && tableOf(key.references)
  if (key === null || table === null) return null
  return { ...base(relation), scope: table.scope, through: toLink(table.relation, key) }
}

function linkTo(
  relation: Relation,
  parent: Relation,
  foreignKey: string | null,
): ParentLink | null {
  const constraint = relation.constraints.find(
    (candidate) =>
      candidate.references !== null &&
      isNamed(candidate.references, parent) &&
      (foreignKey === null || candidate.name === foreignKey),
  )
  return constraint ? toLink(parent, constraint) : null
}

function toLink(parent: Relation, constraint: Constraint): ParentLink {
  return {
    parent,
    columns: constraint.columns,
    parentColumns: constraint.references?.columns ?? [],
  }
}

function isNamed(name: TableName | null, relation: TableName): boolean {
  return name !== null && name.schema === relation.schema && name.name === relation.name
}

/** The only column of the primary key, or null. */
export function singlePrimaryKey(relation: Relation): string | null {
  const key = relation.constraints.find((constraint) => constraint.kind === 'primary-key')
  return key?.columns.length === 1 ? (key.columns[0] ?? null) : null
}
