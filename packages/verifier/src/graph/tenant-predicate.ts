import { tableKey } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import { ident, literal, qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { ClassifiedTable } from './classify.js'

/** The tenant of the current context as an SQL expression; null for membership, which has a set. */
function currentTenant(model: TenancyModel, type: Sql): Sql | null {
  const context = model.context
  if (context.kind === 'signed') return sql`(select watertight.tenant_id())`
  if (context.kind === 'guc') {
    return sql`nullif(current_setting(${literal(context.tenant)}, true), '')::${type}`
  }
  if (context.kind === 'jwt-claims') {
    return sql`(nullif(current_setting(${literal(context.guc)}, true), '')::jsonb #>> ${pointerPath(context.tenant)})::${type}`
  }
  return null
}

/** A JSON pointer as the text array that `#>>` takes. */
function pointerPath(pointer: string): Sql {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const quoted = parts.map((part) => `"${part.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)
  return literal(`{${quoted.join(',')}}`)
}

/** The user of the current context, for context kinds that name where it is. */
function currentUser(model: TenancyModel, type: Sql): Sql | null {
  const context = model.context
  if (context.kind === 'signed') return sql`(select watertight.user_id())`
  if (context.kind === 'guc' && context.user !== null) {
    return sql`nullif(current_setting(${literal(context.user)}, true), '')::${type}`
  }
  if (context.kind === 'jwt-claims' && context.user !== null) {
    return sql`(nullif(current_setting(${literal(context.guc)}, true), '')::jsonb #>> ${pointerPath(context.user)})::${type}`
  }
  if (context.kind === 'membership') {
    const setting = sql`nullif(current_setting(${literal(context.user.guc)}, true), '')`
    if (context.user.claim === null) return sql`${setting}::${type}`
    return sql`(${setting}::jsonb #>> ${pointerPath(context.user.claim)})::${type}`
  }
  return null
}

function columnType(table: ClassifiedTable, column: string): Sql {
  return trustedSql(table.relation.columns.find((entry) => entry.name === column)?.type ?? 'text')
}

/**
 * The condition that a row is the current tenant's (or, on `self` tables, the current user's), for
 * use in fixes; null where the model does not say enough.
 *
 * @example
 * ```ts
 * tenantPredicate(model, notes)?.text
 * // tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
 * ```
 */
export function tenantPredicate(model: TenancyModel, table: ClassifiedTable): Sql | null {
  if (table.scope === 'self' && table.userColumn !== null) {
    const user = currentUser(model, columnType(table, table.userColumn))
    return user && sql`${ident(table.userColumn)} = ${user}`
  }
  if (table.through !== null) return throughParent(table)
  if (table.tenantColumn === null) return null
  const type = columnType(table, table.tenantColumn)
  if (model.context.kind === 'membership') {
    const via = model.context.via
    const user = currentUser(model, trustedSql(model.userKey.type))
    if (user === null) return null
    const extra = via.where === null ? sql`` : sql` and (${trustedSql(via.where)})`
    const isMember = sql`${ident(table.tenantColumn)} in (select ${ident(via.tenant)} from ${qualifiedName(via.table.schema, via.table.name)} where ${ident(via.user)} = ${user}${extra})`
    if (model.context.owner === null) return isMember
    const isOwner = ownedBy(model, model.context.owner, table, user)
    return isOwner && sql`${isMember} or ${isOwner}`
  }
  const tenant = currentTenant(model, type)
  return tenant && sql`${ident(table.tenantColumn)} = ${tenant}`
}

/** The user is the owner of the row's tenant; null where the model does not name the tenant's key. */
function ownedBy(
  { tenantKey }: TenancyModel,
  owner: string,
  { relation, tenantColumn }: ClassifiedTable,
  user: Sql,
): Sql | null {
  const { table, columnByTable } = tenantKey
  if (table === null || tenantColumn === null) return null
  const key = tableKey(table)
  if (key === tableKey(relation)) return sql`${ident(owner)} = ${user}`
  const named = columnByTable[key]
  if (named === undefined) return null
  return sql`${ident(tenantColumn)} in (select ${ident(named)} from ${qualifiedName(table.schema, table.name)} where ${ident(owner)} = ${user})`
}

/** The parent's own policies decide: the row is visible when its parent row is. */
function throughParent(table: ClassifiedTable): Sql | null {
  const link = table.through
  if (link === null) return null
  const own = qualifiedName(table.relation.schema, table.relation.name)
  const conditions = link.columns.map(
    (column, index) =>
      sql`parent.${ident(link.parentColumns[index] ?? column)} = ${own}.${ident(column)}`,
  )
  const all = conditions.reduce((left, right) => sql`${left} and ${right}`)
  return sql`exists (select from ${qualifiedName(link.parent.schema, link.parent.name)} parent where ${all})`
}
