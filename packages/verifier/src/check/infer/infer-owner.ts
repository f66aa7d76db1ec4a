import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { singlePrimaryKey } from '../../graph/classify.js'
import { madeMember } from '../../prove/gates/membership-writes.js'
import type { Comparison, MembershipLink } from './comparisons.js'

/**
 * The column of a tenant's row that names a user of the tenant, where the schema says so itself: a
 * trigger makes the user in it a member when the tenant is founded, and policies ask for it. Null
 * where nothing says so: an owner may be whoever sold the tenant.
 */
export function inferOwner(
  catalog: CatalogSnapshot,
  tenants: Relation | null,
  via: MembershipLink,
  found: readonly Comparison[],
): string | null {
  const key = tenants && singlePrimaryKey(tenants)
  if (tenants === null || key === null) return null
  const founding = tenants.triggers.filter(
    ({ enabled, definition }) =>
      enabled !== 'disabled' &&
      / AFTER INSERT /.test(definition) &&
      / FOR EACH ROW /.test(definition) &&
      !/ WHEN \(/.test(definition),
  )
  for (const { function: target } of founding) {
    const fn = catalog.functions.find(
      ({ schema, name }) => schema === target.schema && name === target.name,
    )
    const owner = fn === undefined ? null : madeMember(fn, { ...via, where: null }, key)
    const isAsked = found.some(
      (comparison) => comparison.relation === tenants && comparison.column === owner,
    )
    if (isAsked) return owner
  }
  return null
}
