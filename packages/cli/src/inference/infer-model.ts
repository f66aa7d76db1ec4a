import type { InferredModel } from '@watertight/verifier'
import type { CatalogSnapshot } from 'watertight/catalog'
import { formatTableName } from 'watertight/model'
import type { KeyType, TenancyInput, TenantKeyInput } from 'watertight/model'
import { gatherEvidence } from './inference.js'
import type { Inference } from './inference.js'
import { inferOrgUnits } from './infer-org-units.js'
import type { InferredUnits } from './infer-org-units.js'
import { inferRoles } from './infer-roles.js'
import { inferTables } from './infer-tables.js'
import { inferTenantKey, keyOfPolicies, keyTypeOf, primaryKeyOf } from './infer-tenant-key.js'
import type { InferredKey } from './infer-tenant-key.js'

/**
 * Infers a tenancy declaration from a catalog and what the verifier reads off its policies; from
 * names where there are none. Pure. It never calls a table global: that a table has no tenant column
 * does not say that every tenant may read it.
 */
export function inferModel(catalog: CatalogSnapshot, policies: InferredModel): Inference {
  const evidence = gatherEvidence(catalog)
  const { tables } = evidence
  const hasKernel = policies.model.context.kind === 'signed'
  // What the kernel's policies compare is the kernel's; the columns are named as they were declared.
  const isCompared = policies.isCompared && !hasKernel
  const key = (isCompared ? keyOfPolicies(policies, tables) : null) ?? inferTenantKey(evidence)
  const units = inferOrgUnits(tables, key)
  const context = isCompared ? contextOf(policies, key) : undefined
  const roles = inferRoles(catalog, tables, policies)
  const hasUser = context === undefined || 'user' in context
  const found = inferTables(tables, key, units, hasUser)
  const schemas = [...new Set(tables.map(({ schema }) => schema))].toSorted()
  const users = tables.find(({ name }) => /^users?$/i.test(name))
  const userType = users && keyTypeOf(typeOfKey(users))
  const input: TenancyInput = {
    schemas: schemas.length === 0 ? ['public'] : schemas,
    ...(key !== null && { tenantKey: tenantKeyInput(key) }),
    ...(userType && userType !== 'uuid' && { userKey: { type: userType } }),
    ...(units !== null && { orgUnits: orgUnitsInput(units) }),
    ...(context !== undefined && { context }),
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
    ...(hasKernel
      ? [{ path: 'context', reason: 'the kernel in schema watertight is signed' }]
      : context === undefined
        ? []
        : [{ path: 'context', reason: contextReason(context) }]),
    ...(roles === null ? [] : [{ path: 'roles', reason: roles.reason }]),
    ...(Object.keys(found.tables).length === 0
      ? []
      : [{ path: 'tables', reason: 'columns and foreign keys of the tables' }]),
  ]
  return {
    input,
    because,
    unclassified: found.unclassified,
    otherRoles: roles?.others ?? [],
  }
}

/** An owner is a column of the table of tenants, which may be found to be another one here. */
function contextOf({ input }: InferredModel, key: InferredKey | null): TenancyInput['context'] {
  const { context, tenantKey } = input
  if (context?.kind !== 'membership' || context.owner === undefined) return context
  const { owner: _owner, ...members } = context
  const isSame = key?.table && formatTableName(key.table) === tenantKey?.table
  return isSame ? context : members
}

function contextReason(context: NonNullable<TenancyInput['context']>): string {
  switch (context.kind) {
    case 'signed':
      return 'signed'
    case 'guc':
      return `policies compare columns with the setting ${context.tenant}`
    case 'jwt-claims':
      return `policies compare columns with ${context.tenant} of the claims in ${context.guc}`
    case 'membership':
      return `policies look for the user of ${context.user.guc} in ${context.via.table}`
  }
}

function typeOfKey(table: CatalogSnapshot['relations'][number]): string {
  const id = primaryKeyOf(table)
  return table.columns.find(({ name }) => name === id)?.baseType ?? ''
}

function tenantKeyInput({
  column,
  type,
  table,
  tableColumn,
  columnByTable,
}: InferredKey): TenantKeyInput {
  const tenants = table && formatTableName(table)
  const columns = {
    ...columnByTable,
    ...(tenants !== null && tableColumn !== null && { [tenants]: tableColumn }),
  }
  return {
    ...(column !== 'tenant_id' && { column }),
    ...defaultless(type),
    ...(tenants !== null && { table: tenants }),
    ...(Object.keys(columns).length > 0 && { columnByTable: columns }),
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
