import { tableKey, tenantColumnOf } from '../model/index.js'
import type { TableName, TenancyModel } from '../model/index.js'
import { boundContext } from './bound-context.js'

/** Finds the tenant column of a table whose rows belong to exactly one tenant; null for others. */
export type TenantColumns = (table: TableName) => string | null

/**
 * The tables of a model that have a tenant column of their own and whose rows are of one tenant:
 * scope `tenant` or `org`, not `through` a parent. Under their policies `column = <tenant of the
 * context>` is true for every row a statement can see, so adding it changes no result.
 */
export function tenantColumnsOf(model: TenancyModel): TenantColumns {
  // With memberships a user sees the rows of all their tenants: the predicate would hide some.
  if (model.context.kind === 'membership') return () => null
  const keyed = model.tables.filter(
    ({ scope, through }) => (scope === 'tenant' || scope === 'org') && through === null,
  )
  const columns = new Map(keyed.map(({ table }) => [tableKey(table), tenantColumnOf(model, table)]))
  return (table) => columns.get(tableKey(table)) ?? null
}

/** The tenant of the ambient context; null without a context or in one without tenant. */
export function ambientTenant(): string | null {
  return boundContext(null)?.tenantId ?? null
}
