import type { CatalogSnapshot } from 'watertight/catalog'
import { formatTableName } from 'watertight/model'
import type { KeyType, TenancyInput, TenantKeyInput } from 'watertight/model'
import { gatherEvidence } from './inference.js'
import type { Inference } from './inference.js'
import { inferContext } from './infer-context.js'
import { inferOrgUnits } from './infer-org-units.js'
import type { InferredUnits } from './infer-org-units.js'
import { inferRoles } from './infer-roles.js'
import { inferTables } from './infer-tables.js'
import { inferTenantKey, keyTypeOf, primaryKeyOf } from './infer-tenant-key.js'
import type { InferredKey } from './infer-tenant-key.js'

/**
 * Infers a tenancy declaration from a catalog. Pure. It never calls a table global: that a table has
 * no tenant column does not say that every tenant may read it.
 */
export function inferModel(catalog: CatalogSnapshot): Inference {
  const evidence = gatherEvidence(catalog)
  const { tables } = evidence
  const key = inferTenantKey(evidence)
  const units = inferOrgUnits(tables, key)
  const context = inferContext(evidence, key)
  const roles = inferRoles(catalog, tables)
  const hasUser =
    context === null ||
    context.context.kind === 'signed' ||
    ('user' in context.context && context.context.user !== undefined)
  const found = inferTables(tables, key, units, hasUser)
  const schemas = [...new Set(tables.map(({ schema }) => schema))].toSorted()
  const users = tables.find(({ name }) => /^users?$/i.test(name))
  const userType = users && keyTypeOf(typeOfKey(users))
  const input: TenancyInput = {
    schemas: schemas.length === 0 ? ['public'] : schemas,
    ...(key !== null && { tenantKey: tenantKeyInput(key) }),
    ...(userType && userType !== 'uuid' && { userKey: { type: userType } }),
    ...(units !== null && { orgUnits: orgUnitsInput(units) }),
    ...(context !== null && context.context.kind !== 'signed' && { context: context.context }),
    ...(roles !== null && { roles: roles.roles }),
    tables: found.tables,
  }
  const because: Inference['because'] = [
    ...(key === null ? [] : [{ path: 'tenantKey', reason: key.reason }]),
    ...(units === null
      ? []
      : [
          { path: 'orgUnits', reason: `${formatTableName(units.table)} is a tree of the tenant's` },
        ]),
    ...(context === null ? [] : [{ path: 'context', reason: context.reason }]),
    ...(roles === null ? [] : [{ path: 'roles', reason: roles.reason }]),
    ...(Object.keys(found.tables).length === 0
      ? []
      : [{ path: 'tables', reason: 'columns and foreign keys of the tables' }]),
  ]
  return { input, because, unclassified: found.unclassified }
}

function typeOfKey(table: CatalogSnapshot['relations'][number]): string {
  const id = primaryKeyOf(table)
  return table.columns.find(({ name }) => name === id)?.baseType ?? ''
}

function tenantKeyInput({ column, type, table, tableColumn }: InferredKey): TenantKeyInput {
  const tenants = table && formatTableName(table)
  return {
    ...(column !== 'tenant_id' && { column }),
    ...defaultless(type),
    ...(tenants !== null && { table: tenants }),
    ...(tenants !== null && tableColumn !== null && { columnByTable: { [tenants]: tableColumn } }),
  }
}

function orgUnitsInput({
  table,
  column,
  idColumn,
  parentColumn,
  type,
}: InferredUnits): NonNullable<TenancyInput['orgUnits']> {
  return {
    ...(column !== 'org_unit_id' && { column }),
    ...defaultless(type),
    table: formatTableName(table),
    ...(idColumn !== 'id' && { idColumn }),
    ...(parentColumn !== 'parent_id' && { parentColumn }),
  }
}

function defaultless(type: KeyType): { readonly type?: KeyType } {
  return type === 'uuid' ? {} : { type }
}
