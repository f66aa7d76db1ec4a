import { findRelation } from 'watertight/catalog'
import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import { declarationOf, tableKey } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import { singlePrimaryKey, withTenantTable } from './classify.js'

/** A table whose rows say that a user belongs to a tenant. */
export interface MembershipSource {
  readonly relation: Relation
  readonly user: string
  readonly tenant: string
  /** The condition under which a row counts. */
  readonly where: string | null
}

/**
 * What a membership context takes the user's tenants from: the table of memberships, and the rows of
 * tenants whose owner the user is, where that is declared. Empty for other contexts.
 */
export function membershipSources(
  model: TenancyModel,
  catalog: CatalogSnapshot,
): readonly MembershipSource[] {
  if (model.context.kind !== 'membership') return []
  const { table, user, tenant, where } = model.context.via
  const members = findRelation(catalog, table.schema, table.name)
  const owned = ownerSource(model, catalog)
  return [
    ...(members === undefined ? [] : [{ relation: members, user, tenant, where }]),
    ...(owned === null ? [] : [owned]),
  ]
}

/** The table of tenants, where it is declared that the user in a column of it belongs to the tenant. */
function ownerSource(model: TenancyModel, catalog: CatalogSnapshot): MembershipSource | null {
  const user = model.context.kind === 'membership' ? model.context.owner : null
  const tenants = user === null ? null : tenantRows(model, catalog)
  return user === null || tenants === null ? null : { ...tenants, user, where: null }
}

/** The table whose rows are the tenants, and the column that is the tenant of each. */
export function tenantRows(
  declared: TenancyModel,
  catalog: CatalogSnapshot,
): Pick<MembershipSource, 'relation' | 'tenant'> | null {
  const model = withTenantTable(declared, catalog)
  const { table, columnByTable } = model.tenantKey
  const relation = table && findRelation(catalog, table.schema, table.name)
  if (!relation) return null
  const named = declarationOf(model, relation)?.tenantColumn ?? columnByTable[tableKey(relation)]
  const tenant = named ?? singlePrimaryKey(relation)
  return tenant === null ? null : { relation, tenant }
}
