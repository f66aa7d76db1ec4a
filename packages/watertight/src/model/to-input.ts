import { resolveTenantColumn } from './columns-of.js'
import { defaultGrantColumns, grantColumns } from './sections/access-grants.js'
import { defaultKeyType } from './sections/key-type.js'
import { disclosuresToInput } from './sections/disclosures-input.js'
import { defaultOrgColumns } from './sections/org-units.js'
import { rolesToInput } from './sections/role-names-input.js'
import { tableToInput } from './sections/table-input.js'
import { defaultTenantColumn } from './sections/tenant-key.js'
import { formatTableName, parseTableName } from './table-name.js'
import type {
  AccessGrantsInput,
  ContextInput,
  OrgUnitsInput,
  TableInput,
  TenancyInput,
  TenantKeyInput,
} from './tenancy-input.js'
import type {
  AccessGrants,
  ContextSource,
  OrgUnits,
  TableName,
  TenancyModel,
  TenantKey,
} from './tenancy-model.js'

type ColumnsByTable = Readonly<Record<string, string>>

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}

function columnsByTable(columns: ColumnsByTable): { readonly columnByTable?: ColumnsByTable } {
  if (isEmpty(columns)) return {}
  const entries = Object.entries(columns)
  return {
    columnByTable: Object.fromEntries(
      entries.map(([key, column]) => [formatTableName(parseTableName(key)), column]),
    ),
  }
}

function tenantKeyToInput(key: TenantKey): TenantKeyInput {
  const { column, type, table, activeWhere, columnByTable } = key
  return {
    ...(column !== defaultTenantColumn && { column }),
    ...(type !== defaultKeyType && { type }),
    ...(table && { table: formatTableName(table) }),
    ...(activeWhere !== null && { activeWhere }),
    ...columnsByTable(columnByTable),
  }
}

function orgUnitsToInput(
  units: OrgUnits,
  tenantColumnFor: (table: TableName) => string,
): OrgUnitsInput {
  const { column, type, table, idColumn, parentColumn, tenantColumn, columnByTable } = units
  return {
    ...(column !== defaultOrgColumns.column && { column }),
    ...(type !== defaultKeyType && { type }),
    ...(table && { table: formatTableName(table) }),
    ...(idColumn !== defaultOrgColumns.idColumn && { idColumn }),
    ...(parentColumn !== defaultOrgColumns.parentColumn && { parentColumn }),
    ...((table === null || tenantColumn !== tenantColumnFor(table)) && { tenantColumn }),
    ...columnsByTable(columnByTable),
  }
}

function accessGrantsToInput(grants: AccessGrants): string | AccessGrantsInput {
  const table = formatTableName(grants.table)
  const renamed = grantColumns.filter((role) => grants[role] !== defaultGrantColumns[role])
  if (renamed.length === 0) return table
  return { table, ...Object.fromEntries(renamed.map((role) => [role, grants[role]])) }
}

function contextToInput(context: ContextSource): ContextInput {
  switch (context.kind) {
    case 'signed':
      return { kind: 'signed' }
    case 'guc': {
      const { kind, tenant, user, orgUnits, orgScope } = context
      return {
        kind,
        tenant,
        ...(user !== null && { user }),
        ...(orgUnits !== null && { orgUnits }),
        ...(orgScope !== null && { orgScope }),
      }
    }
    case 'jwt-claims': {
      const { kind, guc, tenant, user } = context
      return { kind, guc, tenant, ...(user !== null && { user }) }
    }
    case 'membership': {
      const { kind, user, via, owner } = context
      return {
        kind,
        user: { guc: user.guc, ...(user.claim !== null && { claim: user.claim }) },
        via: {
          table: formatTableName(via.table),
          user: via.user,
          tenant: via.tenant,
          ...(via.where !== null && { where: via.where }),
        },
        ...(owner !== null && { owner }),
      }
    }
  }
}

/**
 * The shortest declaration that parses into this model: the inverse of `parseModel`, with every
 * default left out. Plain data of its own, in the order people write it.
 *
 * @example
 * ```ts
 * toInput(parseModel({ schemas: ['public'], tables: {} })) // { schemas: ['public'] }
 * ```
 */
export function toInput(model: TenancyModel): TenancyInput {
  const declared = new Map(model.tables.map((each) => [formatTableName(each.table), each]))
  const tenantColumnFor = (table: TableName): string =>
    resolveTenantColumn(model.tenantKey, table, declared.get(formatTableName(table))?.tenantColumn)
  const tenantKey = tenantKeyToInput(model.tenantKey)
  const roles = rolesToInput(model.roles)
  const tables: Record<string, TableInput> = Object.fromEntries(
    [...declared].map(([name, each]) => [name, tableToInput(each, tenantColumnFor)]),
  )
  return {
    ...(!isEmpty(tenantKey) && { tenantKey }),
    ...(model.userKey.type !== defaultKeyType && { userKey: { type: model.userKey.type } }),
    ...(model.orgUnits && { orgUnits: orgUnitsToInput(model.orgUnits, tenantColumnFor) }),
    ...(model.accessGrants && { accessGrants: accessGrantsToInput(model.accessGrants) }),
    ...(model.context.kind !== 'signed' && { context: contextToInput(model.context) }),
    ...(!isEmpty(roles) && { roles }),
    schemas: [...model.schemas],
    ...(!isEmpty(tables) && { tables }),
    ...(model.disclosures && { disclosures: disclosuresToInput(model.disclosures, model.roles) }),
    ...(model.include.length > 0 && { include: [...model.include] }),
    ...(model.accept.length > 0 && { accept: model.accept.map((each) => ({ ...each })) }),
  }
}
