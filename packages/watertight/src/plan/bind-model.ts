import type { CatalogSnapshot, Relation } from '../catalog/index.js'
import { WatertightError } from '../errors/index.js'
import type { Problem } from '../errors/index.js'
import { formatTableName, tableKey } from '../model/index.js'
import type { TableDeclaration, TenancyModel } from '../model/index.js'
import { bindDisclosures } from './bind-disclosures.js'
import { bindTable } from './bind-table.js'
import type { BoundModel, BoundTable, CanonicalConditions } from './bound-model.js'
import { RelationIndex } from './relation-index.js'

/**
 * Lets a declaration meet a catalog: resolves every table, column and foreign key it names and
 * checks their types. All faults are collected.
 *
 * @throws MODEL_MISMATCH with `problems` such as
 * `tables.evt.events.public.columns[2]: no such column "secret" in evt.events`.
 */
export function bindModel(
  model: TenancyModel,
  snapshot: CatalogSnapshot,
  conditions: CanonicalConditions,
): BoundModel {
  const problems: Problem[] = []
  const index = new RelationIndex(snapshot)
  checkSchemas(model, snapshot, problems)
  checkSupportTables(model, index, problems)

  const tables: BoundTable[] = []
  const partitions = partitionsByParent(snapshot)
  for (const declaration of model.tables) {
    const bound = bindTable({ model, index, conditions, problems }, declaration)
    if (bound) tables.push(bound, ...partitionsOf(bound, partitions))
  }
  const disclosures = bindDisclosures(model, snapshot, index, problems)
  if (problems.length > 0) throw mismatch(problems)
  return {
    model,
    snapshot,
    tables,
    disclosures,
    unclassified: unclassifiedTables(model, snapshot, tables),
  }
}

function checkSchemas(model: TenancyModel, snapshot: CatalogSnapshot, problems: Problem[]): void {
  const existing = new Set(snapshot.schemas.map((schema) => schema.name))
  for (const [position, schema] of model.schemas.entries()) {
    if (!existing.has(schema)) {
      problems.push({ path: `schemas[${position}]`, message: `no such schema "${schema}"` })
    }
  }
}

/** The tables that kernel functions read must exist with the columns that they read. */
function checkSupportTables(model: TenancyModel, index: RelationIndex, problems: Problem[]): void {
  const { orgUnits, accessGrants, context, tenantKey } = model
  const wanted: { path: string; table: TableDeclaration['table']; columns: string[] }[] = []
  if (tenantKey.table) wanted.push({ path: 'tenantKey', table: tenantKey.table, columns: [] })
  if (orgUnits?.table) {
    const { idColumn, parentColumn, tenantColumn } = orgUnits
    const columns = [idColumn, parentColumn, tenantColumn]
    wanted.push({ path: 'orgUnits', table: orgUnits.table, columns })
  }
  if (accessGrants) {
    const { table, ...names } = accessGrants
    wanted.push({ path: 'accessGrants', table, columns: Object.values(names) })
  }
  if (context.kind === 'membership') {
    const { table, user, tenant } = context.via
    wanted.push({ path: 'context.via', table, columns: [user, tenant] })
    if (context.owner !== null && tenantKey.table) {
      wanted.push({ path: 'context.owner', table: tenantKey.table, columns: [context.owner] })
    }
  }
  for (const { path, table, columns } of wanted) {
    const relation = index.find(table)
    if (!relation) {
      problems.push({ path: `${path}.table`, message: `no such table ${formatTableName(table)}` })
      continue
    }
    for (const column of columns) {
      if (!relation.columns.some(({ name }) => name === column)) {
        const message = `no such column "${column}" in ${formatTableName(table)}`
        problems.push({ path, message })
      }
    }
  }
}

/** Partitions by the key of the table they are part of. */
function partitionsByParent(snapshot: CatalogSnapshot): ReadonlyMap<string, readonly Relation[]> {
  const byParent = new Map<string, Relation[]>()
  for (const relation of snapshot.relations) {
    if (!relation.isPartition || relation.kind === 'foreign-table') continue
    for (const parent of relation.parents) {
      const siblings = byParent.get(tableKey(parent))
      if (siblings) siblings.push(relation)
      else byParent.set(tableKey(parent), [relation])
    }
  }
  return byParent
}

/** Each partition below a declared table, bound like its root. */
function partitionsOf(
  root: BoundTable,
  byParent: ReadonlyMap<string, readonly Relation[]>,
): BoundTable[] {
  const children = byParent.get(tableKey(root.relation)) ?? []
  return children.flatMap((relation) => {
    const bound = { ...root, relation, isPartition: true }
    return [bound, ...partitionsOf(bound, byParent)]
  })
}

function unclassifiedTables(
  model: TenancyModel,
  snapshot: CatalogSnapshot,
  tables: readonly BoundTable[],
): Relation[] {
  const bound = new Set(tables.map(({ relation }) => tableKey(relation)))
  return snapshot.relations.filter(
    (relation) =>
      (relation.kind === 'table' || relation.kind === 'partitioned-table') &&
      model.schemas.includes(relation.schema) &&
      !bound.has(tableKey(relation)),
  )
}

function mismatch(problems: readonly Problem[]): WatertightError {
  const lines = problems.map(({ path, message }) => `${path}: ${message}`)
  return new WatertightError(
    'MODEL_MISMATCH',
    `the tenancy model does not fit the database:\n  ${lines.join('\n  ')}`,
    { problems, hint: 'mend the declaration, or run the migrations that create these objects' },
  )
}
