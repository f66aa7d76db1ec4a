import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import { singlePrimaryKey, withTenantTable } from './classify.js'
import type { ClassifiedTable } from './classify.js'
import { objectName } from './object-name.js'

/**
 * A row that INSERT stores in the table is a new tenant: its primary key is the tenant itself, so
 * that nobody stores the key of another one. What `ON CONFLICT DO UPDATE` reaches is an UPDATE.
 */
export function makesTenants(
  model: TenancyModel,
  catalog: CatalogSnapshot,
  { name, relation, tenantColumn }: Pick<ClassifiedTable, 'name' | 'relation' | 'tenantColumn'>,
): boolean {
  const { table } = withTenantTable(model, catalog).tenantKey
  if (table === null || table.schema !== relation.schema || table.name !== relation.name)
    return false
  // The key of a parent does not hold for its INHERITS children, a deferrable one not at once.
  const hasChildren = catalog.relations.some(({ parents }) =>
    parents.some((parent) => objectName(parent) === name),
  )
  const isDeferrable = relation.constraints.some(
    ({ kind, deferrable }) => kind === 'primary-key' && deferrable,
  )
  return (
    !hasChildren &&
    !isDeferrable &&
    tenantColumn !== null &&
    singlePrimaryKey(relation) === tenantColumn
  )
}
