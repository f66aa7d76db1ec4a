import { tableKey, tenantColumnOf } from '../model/index.js'
import type { TableName, TenancyModel } from '../model/index.js'
import type { BoundTxManager } from '../runtime/index.js'
import { boundContext } from './bound-context.js'

/** Finds the tenant column of a table whose rows belong to exactly one tenant; null for others. */
export type TenantColumns = (table: TableName) => string | null

/** A plugin may be made for each request. */
const known = new WeakMap<TenancyModel, TenantColumns>()

/**
 * The tables of a model that have a tenant column of their own and whose rows are of one tenant:
 * scope `tenant` or `org`, not `through` a parent. Under their policies `column = <tenant of the
 * context>` is true for every row a statement can see, so adding it changes no result.
 */
export function tenantColumnsOf(model: TenancyModel): TenantColumns {
  // With memberships a user sees the rows of all their tenants: the predicate would hide some.
  if (model.context.kind === 'membership') return () => null
  const found = known.get(model)
  if (found !== undefined) return found
  const keyed = model.tables.filter(
    ({ scope, through }) => (scope === 'tenant' || scope === 'org') && through === null,
  )
  const columns = new Map(keyed.map(({ table }) => [tableKey(table), tenantColumnOf(model, table)]))
  const columnOf: TenantColumns = (table) => columns.get(tableKey(table)) ?? null
  known.set(model, columnOf)
  return columnOf
}

/**
 * The tenant of the handle, or else of the ambient context; null without a context or in one without
 * tenant.
 */
export function currentTenant(handle: BoundTxManager | null): string | null {
  return boundContext(null, false, handle?.context ?? null)?.tenantId ?? null
}
