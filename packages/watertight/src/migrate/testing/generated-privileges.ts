import { dollarQuoted, emptySql, ident, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { hasRole } from './generated-layout.js'
import type { LaidOutTable } from './generated-layout.js'
import type { GeneratedGrant, GeneratedTenancy, Grantee } from './generated-tenancy.js'

type Role = GeneratedTenancy['existingRoles'][number] | 'stranger'

/** A role that is there before watertight comes; null when it is not. */
export function existingRole(
  tenancy: GeneratedTenancy,
  rolePrefix: string,
  role: Role,
): Sql | null {
  if (role === 'stranger') return ident(`${rolePrefix}_stranger`)
  const isNamed = role === 'app' || hasRole(tenancy, role)
  if (!isNamed || !tenancy.existingRoles.includes(role)) return null
  return ident(`${rolePrefix}_${role}`)
}

/** Roles that are there already, their powers and memberships. */
export function generatedRoles(tenancy: GeneratedTenancy, rolePrefix: string): readonly Sql[] {
  const find = (role: Role): Sql | null => existingRole(tenancy, rolePrefix, role)
  const roles = (['stranger', ...tenancy.existingRoles] as const).flatMap((role) => {
    const name = find(role)
    return name ? [sql`create role ${name} login`] : []
  })
  const app = find('app')
  const memberships = tenancy.existingMemberships.flatMap((membership) => {
    const [member, group] = membershipOf[membership].map(find)
    return member && group ? [sql`grant ${group} to ${member}`] : []
  })
  return [
    ...roles,
    ...(app && tenancy.isAppPowerful ? [sql`alter role ${app} bypassrls`] : []),
    ...memberships,
  ]
}

const membershipOf = {
  'app-owner': ['app', 'owner'],
  'app-stranger': ['app', 'stranger'],
  'migrator-owner': ['migrator', 'owner'],
} as const

function recipient(tenancy: GeneratedTenancy, rolePrefix: string, grantee: Grantee): Sql | null {
  return grantee === 'PUBLIC' ? sql`public` : existingRole(tenancy, rolePrefix, grantee)
}

/** Grants on tables and schema, and default privileges, that are there already. */
export function generatedPrivileges(
  tenancy: GeneratedTenancy,
  tables: readonly LaidOutTable[],
  rolePrefix: string,
): readonly Sql[] {
  const to = (grantee: Grantee): Sql | null => recipient(tenancy, rolePrefix, grantee)
  const schema = ident(tenancy.schema)
  return [
    sql`grant usage on schema ${schema} to public`,
    ...tenancy.schemaCreate.flatMap((grantee) => {
      const role = to(grantee)
      return role ? [sql`grant create on schema ${schema} to ${role}`] : []
    }),
    ...tenancy.grants.flatMap((grant) => {
      const table = tables[grant.table % tables.length]
      return table ? tableGrant(grant, qualifiedName(tenancy.schema, table.name), table, to) : []
    }),
    ...tenancy.defaultPrivileges.flatMap((item) => {
      const role = to(item.grantee)
      if (!role) return []
      const where =
        item.everywhere || item.objects === 'schemas' ? emptySql : sql` in schema ${schema}`
      const option =
        item.withGrantOption && item.grantee !== 'PUBLIC' ? sql` with grant option` : emptySql
      const what = trustedSql(defaultPrivilegeOn[item.objects])
      return [sql`alter default privileges${where} grant ${what} to ${role}${option}`]
    }),
  ]
}

const defaultPrivilegeOn = {
  tables: 'select, insert on tables',
  functions: 'execute on functions',
  sequences: 'usage on sequences',
  schemas: 'usage, create on schemas',
} as const

function tableGrant(
  grant: GeneratedGrant,
  on: Sql,
  table: LaidOutTable,
  to: (grantee: Grantee) => Sql | null,
): readonly Sql[] {
  const role = to(grant.grantee)
  if (!role) return []
  const isColumn = grant.ofColumn && !['delete', 'truncate'].includes(grant.privilege)
  const column = isColumn ? sql` (${ident(table.label)})` : emptySql
  const what = sql`${trustedSql(grant.privilege)}${column} on ${on}`
  const canPass = grant.withGrantOption && grant.grantee !== 'PUBLIC'
  const option = canPass ? sql` with grant option` : emptySql
  const next = canPass && grant.passedTo !== null ? to(grant.passedTo) : null
  const given = [sql`grant ${what} to ${role}${option}`]
  if (!next || next.text === role.text) return given
  // A grant cannot be given back to the role that it came from (0LP01).
  const pass = sql` begin grant ${what} to ${next}; exception when invalid_grant_operation then null; end `
  return [...given, sql`set role ${role}`, sql`do ${dollarQuoted(pass)}`, sql`reset role`]
}
