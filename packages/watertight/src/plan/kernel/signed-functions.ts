import type { AccessGrants, KeyType, OrgUnits, TenancyModel } from '../../model/index.js'
import { ident, literal, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import type { FunctionShape } from './function-shape.js'

/**
 * Kernel functions for the signed context `v1.<kid>.<payload>.<mac>`.
 *
 * Each function verifies the token by itself. SECURITY: one function must not read claims that
 * another has verified, not even within one statement: a statement can replace the setting between
 * two InitPlans (a volatile function in an outer scan), so a claim that is read without verifying is
 * a claim that SQL running as the app role can choose.
 *
 * The MAC is HMAC-SHA-256 (RFC 2104) over core `sha256()` with the two pads stored ready-made. Hashes
 * of the tokens are compared instead of the tokens, so that timing tells nothing about the MAC.
 *
 * An expiry must be a number before the year 10000: one in milliseconds would never pass. Names in
 * the bodies mean the variables, whatever the columns of the declared tables are called.
 */
export function signedFunctions(model: TenancyModel, grantIdType: string | null): FunctionShape[] {
  const tenant = model.tenantKey.type
  const shapes = [
    verifying('tenant_id', tenant, onlyIn(['member', 'worker'], claim('t', tenant))),
    verifying('user_id', model.userKey.type, sql`return ${claim('u', model.userKey.type)};`),
    verifying('mode', 'text', sql`return claims ->> 'm';`),
    granted('auditor_tenant_id', 'auditor', model, grantIdType, false),
    granted('platform_tenant_id', 'platform', model, grantIdType, false),
    granted('platform_write_tenant_id', 'platform', model, grantIdType, true),
    hasCapability(),
  ]
  if (model.orgUnits) shapes.push(orgUnitIds(model, model.orgUnits))
  return shapes
}

function claim(name: string, type: KeyType): Sql {
  return sql`(claims ->> ${literal(name)})::${trustedSql(type)}`
}

function onlyIn(modes: readonly string[], value: Sql): Sql {
  const list = trustedSql(modes.map((mode) => literal(mode).text).join(', '))
  return sql`if claims ->> 'm' in (${list}) then
      return ${value};
    end if;`
}

const verify = sql`
#variable_conflict use_variable
declare
  token text := current_setting('watertight.context', true);
  key_id text := split_part(token, '.', 2);
  signed text := left(token, -65);
  inner_pad bytea;
  outer_pad bytea;
  claims jsonb;
begin
  select k.inner_key, k.outer_key into inner_pad, outer_pad
    from watertight.signing_keys k
    where k.kid = key_id and (k.not_after is null or k.not_after > clock_timestamp());
  if left(token, 3) = 'v1.' and sha256(convert_to(token, 'UTF8')) = sha256(convert_to(signed || '.' ||
      encode(sha256(outer_pad || sha256(inner_pad || convert_to(signed, 'UTF8'))), 'hex'), 'UTF8')) then
    claims := substr(signed, length(key_id) + 5)::jsonb;
  end if;
  if claims ->> 'm' in ('member', 'worker', 'auditor', 'platform', 'public')
      and (case jsonb_typeof(claims -> 'e') when 'number' then
        (claims -> 'e')::numeric > extract(epoch from clock_timestamp())
        and (claims -> 'e')::numeric < 253402300800 end) then
    `

/** A function that runs `statements` with the verified claims in `claims`, and else returns NULL. */
function verifying(
  name: string,
  returns: string,
  statements: Sql,
  identityArguments = '',
): FunctionShape {
  return {
    name,
    identityArguments,
    returns,
    language: 'plpgsql',
    volatility: 'stable',
    securityDefiner: true,
    parallelSafe: true,
    searchPath: 'pg_catalog, pg_temp',
    body: sql`${verify}${statements}
  end if;
  return null;
end
`,
  }
}

/** The tenant of a mode that rests on a grant row, re-checked in every statement. */
function granted(
  name: string,
  mode: 'auditor' | 'platform',
  model: TenancyModel,
  grantIdType: string | null,
  forWriting: boolean,
): FunctionShape {
  const { type } = model.tenantKey
  const value =
    model.accessGrants && grantIdType
      ? liveGrant(model.accessGrants, grantIdType, mode, model, forWriting)
      : claim('t', type)
  return verifying(name, type, onlyIn([mode], value))
}

function liveGrant(
  grants: AccessGrants,
  idType: string,
  mode: string,
  model: TenancyModel,
  forWriting: boolean,
): Sql {
  const column = (name: string): Sql => sql`g.${ident(name)}`
  const tenant = column(grants.tenantColumn)
  const writable = forWriting ? sql` and ${column(grants.canWriteColumn)}` : sql``
  return sql`(select ${tenant} from ${qualifiedName(grants.table.schema, grants.table.name)} g
        where ${column(grants.idColumn)} = (claims ->> 'g')::${trustedSql(idType)}
          and ${tenant} = ${claim('t', model.tenantKey.type)}
          and ${column(grants.granteeColumn)} = ${claim('u', model.userKey.type)}
          and ${column(grants.modeColumn)}::text = ${literal(mode)}
          and ${column(grants.startsAtColumn)} <= clock_timestamp()
          and ${column(grants.expiresAtColumn)} > clock_timestamp()
          and ${column(grants.revokedAtColumn)} is null${writable})`
}

function hasCapability(): FunctionShape {
  const statements = sql`return coalesce(claims -> 'c' ? capability, false);`
  return verifying('has_capability', 'boolean', statements, 'capability text')
}

/** Resolves the org scope (`unit`, `subtree`, `all`) to the org units it covers. */
function orgUnitIds(model: TenancyModel, orgUnits: OrgUnits): FunctionShape {
  const unit = claim('ou', orgUnits.type)
  const one = sql`if claims ->> 'o' = 'unit' then
      return array[${unit}];
    end if;`
  const statements = orgUnits.table ? sql`${one}${fromTree(model, orgUnits, unit)}` : one
  return verifying('org_unit_ids', `${orgUnits.type}[]`, statements)
}

function fromTree(model: TenancyModel, orgUnits: OrgUnits, unit: Sql): Sql {
  const { schema, name } = orgUnits.table ?? { schema: '', name: '' }
  const table = qualifiedName(schema, name)
  const [id, parent] = [ident(orgUnits.idColumn), ident(orgUnits.parentColumn)]
  const inTenant = sql`u.${ident(orgUnits.tenantColumn)} = ${claim('t', model.tenantKey.type)}`
  return sql`
    if claims ->> 'o' = 'subtree' then
      return (with recursive subtree(id) as (
          select u.${id} from ${table} u where ${inTenant} and u.${id} = ${unit}
          union
          select u.${id} from ${table} u join subtree s on u.${parent} = s.id where ${inTenant})
        select array_agg(s.id) from subtree s);
    end if;
    if claims ->> 'o' = 'all' then
      return (select array_agg(u.${id}) from ${table} u where ${inTenant});
    end if;`
}
