import { sql } from '../../sql/index.js'
import type { DocumentQuery } from '../documents.js'
import type { FunctionInfo } from '../snapshot.js'
import type { RawAclItem } from './fragments.js'
import { aclItems, jsonArray, listedSchemas, optionsObject } from './fragments.js'

export interface RawFunction extends Omit<FunctionInfo, 'acl'> {
  readonly acl: readonly RawAclItem[] | null
}

/** `functions`: JSON array of {@link RawFunction}. */
export const functionsQuery: DocumentQuery<{ readonly functions: readonly RawFunction[] }> = {
  sql: sql`
  with ${listedSchemas}
  select ${jsonArray(sql`
    select pg_catalog.json_build_object(
      'schema', n.name,
      'name', f.proname,
      'kind', case f.prokind
        when 'p' then 'procedure' when 'a' then 'aggregate' when 'w' then 'window'
        else 'function' end,
      'identityArguments', pg_catalog.pg_get_function_identity_arguments(f.oid),
      'arguments', pg_catalog.pg_get_function_arguments(f.oid),
      'returns', coalesce(pg_catalog.pg_get_function_result(f.oid), ''),
      'returnsSet', f.proretset,
      'owner', pg_catalog.pg_get_userbyid(f.proowner),
      'language', l.lanname,
      'securityDefiner', f.prosecdef,
      'leakproof', f.proleakproof,
      'strict', f.proisstrict,
      'volatility', case f.provolatile
        when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
      'parallel', case f.proparallel
        when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end,
      'isImplicit', exists (
          select from pg_catalog.pg_operator as o
          where f.oid in (o.oprcode::oid, o.oprrest::oid, o.oprjoin::oid))
        or exists (select from pg_catalog.pg_cast as c where c.castfunc = f.oid)
        or exists (
          select from pg_catalog.pg_aggregate as a
          where f.oid in (a.aggtransfn::oid, a.aggfinalfn::oid, a.aggcombinefn::oid,
            a.aggserialfn::oid, a.aggdeserialfn::oid, a.aggmtransfn::oid, a.aggminvtransfn::oid,
            a.aggmfinalfn::oid))
        or exists (
          select from pg_catalog.pg_type as t
          where f.oid in (t.typinput::oid, t.typoutput::oid, t.typreceive::oid, t.typsend::oid,
            t.typmodin::oid, t.typmodout::oid, t.typsubscript::oid)),
      'settings', ${optionsObject(sql`f.proconfig`)},
      'body', coalesce(pg_catalog.pg_get_function_sqlbody(f.oid), f.prosrc),
      'acl', ${aclItems(sql`coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))`)},
      'comment', d.description,
      'extension', e.extname
    ) as item
    from listed as n
    join pg_catalog.pg_proc as f on f.pronamespace = n.oid
    join pg_catalog.pg_language as l on l.oid = f.prolang
    left join pg_catalog.pg_description as d
      on d.classoid = 'pg_catalog.pg_proc'::regclass and d.objoid = f.oid and d.objsubid = 0
    left join pg_catalog.pg_depend as owned
      on owned.classid = 'pg_catalog.pg_proc'::regclass and owned.objid = f.oid
      and owned.refclassid = 'pg_catalog.pg_extension'::regclass and owned.deptype = 'e'
    left join pg_catalog.pg_extension as e on e.oid = owned.refobjid`)}::text as functions`,
}
