import type {
  ContextSource,
  GucContext,
  JwtClaimsContext,
  KeyType,
  MembershipContext,
  TenancyModel,
} from '../../model/index.js'
import { tenantColumnOf } from '../../model/index.js'
import { ident, literal, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { pinned } from './function-shape.js'
import type { FunctionShape } from './function-shape.js'

/**
 * Kernel functions for context kinds without a signature. They say who the transaction claims to
 * be: whoever can run SQL as the app role can claim anything.
 */
export function plainFunctions(
  model: TenancyModel,
  context: Exclude<ContextSource, { kind: 'signed' }>,
): FunctionShape[] {
  const user = userClaim(context)
  const { type } = model.userKey
  const shapes = user ? [reading('user_id', type, cast(user, type))] : []
  if (context.kind === 'membership') return [...shapes, tenantIds(model, context)]

  const tenant = cast(tenantClaim(context), model.tenantKey.type)
  for (const name of [
    'tenant_id',
    'auditor_tenant_id',
    'platform_tenant_id',
    'platform_write_tenant_id',
  ]) {
    shapes.push(reading(name, model.tenantKey.type, tenant))
  }
  if (model.orgUnits && context.kind === 'guc' && context.orgUnits) {
    const list = sql`translate(${setting(context.orgUnits)}, '{}', '')`
    const ids = sql`string_to_array(${list}, ',')::${trustedSql(model.orgUnits.type)}[]`
    shapes.push(reading('org_unit_ids', `${model.orgUnits.type}[]`, ids))
  }
  return shapes
}

/** SECURITY: after `SET LOCAL` a custom setting reads '' and not NULL; both mean absent. */
function setting(name: string): Sql {
  return sql`nullif(current_setting(${literal(name)}, true), '')`
}

function jsonClaim(guc: string, pointer: string): Sql {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => `"${part.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)
  return sql`nullif(${setting(guc)}::jsonb #>> ${literal(`{${path.join(',')}}`)}, '')`
}

function tenantClaim(context: GucContext | JwtClaimsContext): Sql {
  return context.kind === 'guc' ? setting(context.tenant) : jsonClaim(context.guc, context.tenant)
}

function userClaim(context: GucContext | JwtClaimsContext | MembershipContext): Sql | null {
  switch (context.kind) {
    case 'guc':
      return context.user === null ? null : setting(context.user)
    case 'jwt-claims':
      return context.user === null ? null : jsonClaim(context.guc, context.user)
    case 'membership': {
      const { guc, claim } = context.user
      return claim === null ? setting(guc) : jsonClaim(guc, claim)
    }
  }
}

function cast(value: Sql, type: KeyType): Sql {
  return sql`${value}::${trustedSql(type)}`
}

/** A function in plain SQL, which the planner inlines. */
function reading(name: string, returns: string, value: Sql): FunctionShape {
  return {
    name,
    identityArguments: '',
    returns,
    language: 'sql',
    volatility: 'stable',
    securityDefiner: false,
    parallelSafe: true,
    settings: {},
    isInternal: false,
    body: sql` select ${value} `,
  }
}

/** The tenants of the user, read as the owner because the membership table is protected itself. */
function tenantIds(model: TenancyModel, context: MembershipContext): FunctionShape {
  const { table, user, tenant, where } = context.via
  const claimed = cast(userClaim(context) ?? sql`null`, model.userKey.type)
  const condition = where === null ? sql`` : sql` and (${trustedSql(where)})`
  const owned = ownedTenants(model, context, claimed)
  return {
    ...reading('tenant_ids', `${model.tenantKey.type}[]`, sql`null`),
    language: 'plpgsql',
    securityDefiner: true,
    settings: pinned,
    body: sql`
begin
  return (select array_agg(${ident(tenant)}) from ${qualifiedName(table.schema, table.name)}
    where ${ident(user)} = ${claimed}${condition})${owned};
end
`,
  }
}

/** The tenants that are the user's by the owner column of their own row. */
function ownedTenants(model: TenancyModel, { owner }: MembershipContext, user: Sql): Sql {
  const { table } = model.tenantKey
  if (owner === null || table === null) return sql``
  const key = ident(tenantColumnOf(model, table))
  const tenants = qualifiedName(table.schema, table.name)
  // Concatenation of arrays takes NULL for nothing (manual, section 9.19).
  return sql`
    || (select array_agg(${key}) from ${tenants}
    where ${ident(owner)} = ${user})`
}
