import { formatTableName } from '../../model/index.js'
import type { ContextInput, RolesInput, TableInput, TenancyInput } from '../../model/index.js'
import { quoteIdentifier } from '../../sql/index.js'
import { hasOrgUnits, hasRole, layOut } from './generated-layout.js'
import type { LaidOutTable } from './generated-layout.js'
import type { GeneratedTenancy } from './generated-tenancy.js'

/** The declaration that fits `generatedSchema()` of the same tenancy. */
export function generatedModel(tenancy: GeneratedTenancy, rolePrefix: string): TenancyInput {
  const named = (name: string): string => formatTableName({ schema: tenancy.schema, name })
  const tables = Object.fromEntries(
    layOut(tenancy).map((table) => [named(table.name), declaration(tenancy, table, named)]),
  )
  return {
    tenantKey: {
      column: tenancy.tenantColumn,
      type: tenancy.keyType,
      table: named('core tenants'),
      columnByTable: { [named('core tenants')]: 'id' },
    },
    userKey: { type: tenancy.keyType },
    ...(hasOrgUnits(tenancy) && {
      orgUnits: {
        type: tenancy.keyType,
        ...(tenancy.hasOrgTree && { table: named('core units') }),
      },
    }),
    ...(tenancy.hasAccessGrants && {
      accessGrants: { table: named('core grants'), tenantColumn: tenancy.tenantColumn },
    }),
    context: context(tenancy, named),
    roles: roles(tenancy, rolePrefix),
    schemas: [tenancy.schema],
    include: tenancy.include,
    tables: {
      [named('core tenants')]: { scope: 'tenant', commands: ['SELECT'] },
      [named('core users')]: {
        scope: 'self',
        userColumn: 'id',
        sharedThrough: { table: named('core members') },
      },
      [named('core members')]: { scope: 'tenant' },
      [named('core units')]: { scope: 'tenant' },
      [named('core grants')]: { scope: 'tenant', commands: ['SELECT'] },
      ...tables,
    },
  }
}

function roles(tenancy: GeneratedTenancy, prefix: string): RolesInput {
  const absent = Object.fromEntries(tenancy.absentRoles.map((role) => [role, null]))
  return { prefix, ...absent }
}

function context(tenancy: GeneratedTenancy, named: (name: string) => string): ContextInput {
  switch (tenancy.context) {
    case 'signed':
      return { kind: 'signed' }
    case 'guc':
      return {
        kind: 'guc',
        tenant: 'app.tenant_id',
        user: 'app.user_id',
        orgUnits: 'app.org_units',
      }
    case 'jwt-claims':
      return {
        kind: 'jwt-claims',
        guc: 'request.jwt.claims',
        tenant: `/app_metadata/it's "odd"~1\\`,
        user: '/sub',
      }
    case 'membership':
      return {
        kind: 'membership',
        user: { guc: 'request.jwt.claims', claim: '/sub' },
        via: {
          table: named('core members'),
          user: 'user_id',
          tenant: tenancy.tenantColumn,
          where: 'active and valid_until is null',
        },
      }
  }
}

function declaration(
  tenancy: GeneratedTenancy,
  table: LaidOutTable,
  named: (name: string) => string,
): TableInput {
  const { scope, parentTable } = table
  const commands = table.commands?.filter(
    (command) => !table.appendOnly || command === 'SELECT' || command === 'INSERT',
  )
  return {
    scope,
    ...(parentTable && {
      through: { table: named(parentTable.name), foreignKey: 'fk parent' },
    }),
    ...(table.tenant !== null &&
      table.tenant !== tenancy.tenantColumn && { tenantColumn: table.tenant }),
    ...(scope === 'self' && { userColumn: 'user_id' }),
    ...(table.hasOwnRows && { ownRows: ownRows(tenancy, table, named) }),
    ...(scope === 'self' && table.isShared && { sharedThrough: { table: named('core members') } }),
    ...(table.isPublic && { public: projection(table, named) }),
    ...(table.appendOnly && { appendOnly: true }),
    ...(table.auditor !== 'none' &&
      hasRole(tenancy, 'auditor') && {
        auditor: table.auditor === 'all' ? true : { redact: [table.label, 'amount'] },
      }),
    ...(commands && commands.length > 0 && { commands }),
    ...(table.hasTenantIndex &&
      scope !== 'global' &&
      hasRole(tenancy, 'worker') && {
        workerCommands: table.appendOnly ? ['SELECT'] : ['SELECT', 'INSERT', 'UPDATE'],
      }),
  }
}

function ownRows(
  { context: kind }: GeneratedTenancy,
  { parentTable, hasUserColumn }: LaidOutTable,
  named: (name: string) => string,
): NonNullable<TableInput['ownRows']> {
  if (!hasUserColumn && parentTable !== null) {
    return { through: { table: named(parentTable.name), foreignKey: 'fk parent' } }
  }
  return { userColumn: 'user_id', ...(kind === 'signed' && { unless: 'orders.supervise' }) }
}

function projection(
  table: LaidOutTable,
  named: (name: string) => string,
): NonNullable<TableInput['public']> {
  const columns = ['id', table.label]
  const label = quoteIdentifier(table.label)
  const conditions = [
    'published',
    `published and ${label} <> 'it''s'`,
    `published or ${label} = any (array['a', 'b'])`,
    `published and deleted_at is null and (amount > 1.5 or ${label} like 'x%')`,
    `lower(${label}) in ('a', 'b') is true`,
  ]
  const where = conditions[table.where % conditions.length] ?? 'published'
  const { publicThrough: key } = table
  if (table.published === 'all' || (table.published === 'through' && !key)) return { columns }
  if (!key) return { columns, where }
  const through = { table: named(key.targetTable.name), foreignKey: key.name }
  return table.where % 2 === 0 ? { columns, through } : { columns, through, where }
}
