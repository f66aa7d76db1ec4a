import { tenantColumnOf } from '../../model/index.js'
import type { AccessGrants, OrgUnits, TenancyModel } from '../../model/index.js'
import { ident, literal, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { pinned } from './function-shape.js'
import type { FunctionShape } from './function-shape.js'
import {
  isMemoryCurrent,
  isNewest,
  newestKey,
  rememberedPads,
  unspokenPlans,
} from './key-memory.js'

/** Place of each claim between the points of a token, as `signContext` writes it. */
const fields = {
  keyId: 2,
  mode: 3,
  expiry: 4,
  tenant: 5,
  user: 6,
  orgScope: 7,
  orgUnit: 8,
  accessGrant: 9,
  capabilities: 10,
} as const

/**
 * Kernel functions for the signed context `<mac>.<kid>.v2-<mode>.<expiry>.<claims>`, see
 * `signContext` in `watertight/runtime`.
 *
 * Each function verifies the token by itself. SECURITY: one function must not read claims that
 * another has verified, not even within one statement: a statement can replace the setting between
 * two InitPlans (a volatile function in an outer scan), so a claim that is read without verifying is
 * a claim that SQL running as the app role can choose.
 *
 * The MAC is HMAC-SHA-256 (RFC 2104) over core `sha256()` with the two pads stored ready-made. Hashes
 * of the MACs are compared instead of the MACs, so that timing tells nothing about the right one.
 *
 * Nothing of the token is cast before the MAC has held: what else it says is looked at after it in
 * expressions that PL/pgSQL evaluates in order and never folds while planning. SECURITY: AND goes on
 * after NULL, so nothing before the casts may be NULL.
 *
 * An expiry must be a number before the year 10000: one in milliseconds would never pass. Names in
 * the bodies mean the variables, whatever the columns of the declared tables are called.
 */
export function signedFunctions(model: TenancyModel, grantIdType: string | null): FunctionShape[] {
  const tenant = model.tenantKey.type
  const shapes = [
    verifying('tenant_id', tenant, ['member', 'worker'], tenantOfMember(model)),
    verifying(
      'user_id',
      model.userKey.type,
      anyMode,
      sql`return ${claim('user', model.userKey.type)};`,
    ),
    verifying('mode', 'text', anyMode, sql`return substr(${field('mode')}, 4);`),
    granted('auditor_tenant_id', 'auditor', model, grantIdType, false),
    granted('platform_tenant_id', 'platform', model, grantIdType, false),
    granted('platform_write_tenant_id', 'platform', model, grantIdType, true),
    hasCapability(),
  ]
  if (model.orgUnits) shapes.push(orgUnitIds(model, model.orgUnits))
  return shapes
}

type Mode = 'member' | 'worker' | 'auditor' | 'platform' | 'public'

const anyMode: readonly Mode[] = ['member', 'worker', 'auditor', 'platform', 'public']

function field(name: keyof typeof fields): Sql {
  return sql`split_part(token, '.', ${trustedSql(String(fields[name]))})`
}

/** A claim of its type; NULL when the token leaves it empty. */
function claim(name: keyof typeof fields, type: string): Sql {
  const written = sql`nullif(${field(name)}, '')`
  if (type === 'uuid' || type === 'bigint') return sql`${written}::${trustedSql(type)}`
  const text = sql`convert_from(decode(${written}, 'escape'), 'UTF8')`
  return type === 'text' ? text : sql`${text}::${trustedSql(type)}`
}

/** True when the token carries the HMAC-SHA-256 (RFC 2104) of its claims by a key of these pads. */
function isAuthentic({ inner, outer }: { readonly inner: Sql; readonly outer: Sql }): Sql {
  return sql`sha256(substring(bytes for 64)) = sha256(convert_to(encode(sha256(
          ${outer} || sha256(${inner} || substring(bytes from 66))), 'hex'), 'UTF8'))`
}

const foundKey = { inner: sql`substring(pads for 64)`, outer: sql`substring(pads from 65)` }

/** From now to the year 10000, asked in one call: each call of a built-in function is set up in every transaction. */
const isLasting = sql`width_bucket(${field('expiry')}::float8,
          date_part('epoch', clock_timestamp()), 253402300800, 1) = 1`

/** A function that runs `statements` for a verified token of one of the modes, and else returns NULL. */
function verifying(
  name: string,
  returns: string,
  modes: readonly Mode[],
  statements: Sql,
  identityArguments = '',
): FunctionShape {
  const known = trustedSql(modes.map((mode) => literal(`v2-${mode}`).text).join(', '))
  const holds = sql`${field('mode')} in (${known})
        and ${isLasting}`
  return {
    name,
    identityArguments,
    returns,
    language: 'plpgsql',
    volatility: 'stable',
    securityDefiner: true,
    parallelSafe: true,
    settings: { ...pinned, ...unspokenPlans },
    isInternal: false,
    body: sql`
#variable_conflict use_variable
declare
  token text := current_setting('watertight.context', true);
  bytes bytea := convert_to(token, 'UTF8');
  pads bytea;
begin
  <<verifying>>
  begin
    if ${isMemoryCurrent} then
      exit verifying when ${isNewest(field('keyId'))} and ${isAuthentic(newestKey)}
        and ${holds};
      pads := ${rememberedPads(field('keyId'))};
    end if;
    if pads is null then
      pads := (select k.inner_key || k.outer_key from watertight.signing_keys k
        where k.kid = ${field('keyId')}
          and (k.not_after is null or k.not_after > clock_timestamp()));
    end if;
    if (pads is not null and ${isAuthentic(foundKey)}
        and ${holds}) is not true then
      return null;
    end if;
  end;
  ${statements}
  return null;
end
`,
  }
}

/**
 * The tenant of a member or a worker. A tenant that is not active is closed to its members; workers
 * still reach it, or nobody could resume, export or erase it.
 */
function tenantOfMember(model: TenancyModel): Sql {
  const { type, table, activeWhere } = model.tenantKey
  const tenant = claim('tenant', type)
  if (table === null || activeWhere === null) return sql`return ${tenant};`
  const name = qualifiedName(table.schema, table.name)
  return sql`if ${field('mode')} = 'v2-worker' or not exists (select from ${name}
        where ${name}.${ident(tenantColumnOf(model, table))} = ${tenant}
          and (${trustedSql(activeWhere)}) is not true) then
      return ${tenant};
    end if;`
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
      : claim('tenant', type)
  return verifying(name, type, [mode], sql`return ${value};`)
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
        where ${column(grants.idColumn)} = ${claim('accessGrant', idType)}
          and ${tenant} = ${claim('tenant', model.tenantKey.type)}
          and ${column(grants.granteeColumn)} = ${claim('user', model.userKey.type)}
          and ${column(grants.modeColumn)}::text = ${literal(mode)}
          and ${column(grants.startsAtColumn)} <= clock_timestamp()
          and ${column(grants.expiresAtColumn)} > clock_timestamp()
          and ${column(grants.revokedAtColumn)} is null${writable})`
}

function hasCapability(): FunctionShape {
  const statements = sql`return exists (
      select from unnest(string_to_array(${field('capabilities')}, ',')) held
      where convert_from(decode(held, 'escape'), 'UTF8') = capability);`
  return verifying('has_capability', 'boolean', anyMode, statements, 'capability text')
}

/** Resolves the org scope (`unit`, `subtree`, `all`) to the org units it covers. */
function orgUnitIds(model: TenancyModel, orgUnits: OrgUnits): FunctionShape {
  const unit = claim('orgUnit', orgUnits.type)
  const one = sql`if ${field('orgScope')} = 'unit' then
      return array[${unit}];
    end if;`
  const statements = orgUnits.table ? sql`${one}${fromTree(model, orgUnits, unit)}` : one
  return verifying('org_unit_ids', `${orgUnits.type}[]`, anyMode, statements)
}

/**
 * A level at a time: the children of all its units take one scan of an index. UNION makes an end where
 * parents go round in circles, for then a level comes again.
 */
function fromTree(model: TenancyModel, orgUnits: OrgUnits, unit: Sql): Sql {
  const { schema, name } = orgUnits.table ?? { schema: '', name: '' }
  const table = qualifiedName(schema, name)
  const [id, parent] = [ident(orgUnits.idColumn), ident(orgUnits.parentColumn)]
  const inTenant = sql`u.${ident(orgUnits.tenantColumn)} = ${claim('tenant', model.tenantKey.type)}`
  return sql`
    if ${field('orgScope')} = 'subtree' then
      return (with recursive levels(ids) as (
          select array(select u.${id} from ${table} u where ${inTenant} and u.${id} = ${unit})
          union
          select array(select u.${id} from ${table} u where ${inTenant} and u.${parent} = any(l.ids))
            from levels l where cardinality(l.ids) > 0)
        select array_agg(u.id) from levels l, unnest(l.ids) u(id));
    end if;
    if ${field('orgScope')} = 'all' then
      return (select array_agg(u.${id}) from ${table} u where ${inTenant});
    end if;`
}
