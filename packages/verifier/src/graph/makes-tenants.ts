import type { CatalogSnapshot } from 'watertight/catalog'
import type { TenancyModel } from 'watertight/model'
import { singlePrimaryKey, withTenantTable } from './classify.js'
import type { ClassifiedTable } from './classify.js'
import { objectName } from './object-name.js'
import { oncePer } from './once-per.js'

/** Names of all that have partitions or children. */
const parents: (catalog: CatalogSnapshot) => ReadonlySet<string> = oncePer(
  ({ relations }) => new Set(relations.flatMap((each) => each.parents.map(objectName))),
)

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
  const isDeferrable = relation.constraints.some(
    ({ kind, deferrable }) => kind === 'primary-key' && deferrable,
  )
  return (
    // The key of a parent does not hold for its INHERITS children, a deferrable one not at once.
    !parents(catalog).has(name) &&
    !isDeferrable &&
    tenantColumn !== null &&
    singlePrimaryKey(relation) === tenantColumn
  )
}
