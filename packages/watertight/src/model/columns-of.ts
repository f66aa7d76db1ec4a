import { defaultOrgColumns } from './sections/org-units.js'
import { tableKey } from './table-name.js'
import type { TableDeclaration, TableName, TenancyModel, TenantKey } from './tenancy-model.js'

/** The tenant column of a table: its own declaration, else the override by table, else the default. */
export function resolveTenantColumn(
  tenantKey: TenantKey,
  table: TableName,
  declared: string | null | undefined,
): string {
  return declared ?? tenantKey.columnByTable[tableKey(table)] ?? tenantKey.column
}

/** What the model says about a table; null when it does not name it. */
export function declarationOf(model: TenancyModel, table: TableName): TableDeclaration | null {
  let byTable = indexes.get(model)
  if (byTable === undefined) {
    byTable = new Map(model.tables.map((each) => [tableKey(each.table), each]))
    indexes.set(model, byTable)
  }
  return byTable.get(tableKey(table)) ?? null
}

// A parsed model is frozen, so its index stays right for as long as it lives.
const indexes = new WeakMap<TenancyModel, ReadonlyMap<string, TableDeclaration>>()

/**
 * Name of the column that holds the tenant, if the table has one: its declared `tenantColumn`, else
 * `tenantKey.columnByTable`, else `tenantKey.column`. A `global` or `self` table, and one whose
 * tenant comes `through` a parent, has none; the caller knows its scope.
 *
 * @example
 * ```ts
 * tenantColumnOf(model, { schema: 'public', name: 'invoices' }) // tenant_id
 * ```
 */
export function tenantColumnOf(model: TenancyModel, table: TableName): string {
  return resolveTenantColumn(model.tenantKey, table, declarationOf(model, table)?.tenantColumn)
}

/**
 * Name of the column that holds the org unit, if the table has one: its declared `orgColumn`, else
 * `orgUnits.columnByTable`, else `orgUnits.column`. A model without org units has none; the caller
 * knows that.
 *
 * @example
 * ```ts
 * orgColumnOf(model, { schema: 'hr', name: 'absences' }) // org_unit_id
 * ```
 */
export function orgColumnOf(model: TenancyModel, table: TableName): string {
  const declared = declarationOf(model, table)?.orgColumn
  const { orgUnits } = model
  return (
    declared ??
    orgUnits?.columnByTable[tableKey(table)] ??
    orgUnits?.column ??
    defaultOrgColumns.column
  )
}
