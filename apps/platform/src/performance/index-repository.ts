import type { Queryable } from 'watertight/sql'

/** A column of an index whose conditions cannot use the index under row level security. */
export interface UnusableKeyRow {
  readonly object: string
  readonly index: string
  /** The table has a column of the tenant. */
  readonly hasTenant: boolean
  readonly column: string
  /** 1 for the first. */
  readonly place: number
  readonly operator: string
  /** Every operator that the index would serve. */
  readonly operators: readonly string[]
}

/** What the catalog says about indexes of tables under row level security. */
export interface IndexFacts {
  readonly unusable: readonly UnusableKeyRow[]
  /** Tables with a tenant column that no index begins with. */
  readonly withoutTenantIndex: readonly string[]
}

// Under RLS a condition of a user's may be an index condition only where the function behind its
// operator is leakproof (manual, section 43.5). Equality is asked of btree and hash, and of the other
// methods whatever they offer. An expression that is an element of an array, or a constant, calls no
// function; subscripts of arrays are leakproof.
const facts = `
with tables as (
  select c.oid, n.nspname || '.' || c.relname as object,
    exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'
      and not a.attisdropped) as has_tenant
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition and c.relrowsecurity and n.nspname = any ($1)
), keys as (
  select t.object, t.has_tenant, i.indexrelid, i.indrelid, k.place, i.indkey[k.place - 1] as attnum,
    o.opcfamily, o.opcintype, m.amname
  from tables t
  join pg_index i on i.indrelid = t.oid and i.indisvalid
  cross join lateral generate_series(1, i.indnkeyatts) as k (place)
  join pg_opclass o on o.oid = i.indclass[k.place - 1]
  join pg_am m on m.oid = o.opcmethod
)
select coalesce((select json_agg(u order by u.object, u.index, u.place) from (
    select k.object, x.relname as index, k.has_tenant as "hasTenant", k.place, min(p.oprname) as operator,
      case min(k.amname) when 'btree' then array['=', '<', '<=', '>', '>=']
        else array_agg(distinct p.oprname::text) end as operators,
      pg_get_indexdef(k.indexrelid, k.place, true) as column
    from keys k
    join pg_class x on x.oid = k.indexrelid
    join pg_amop a on a.amopfamily = k.opcfamily and a.amoppurpose = 's'
      and case k.amname when 'btree' then a.amopstrategy = 3 and a.amoplefttype = k.opcintype
        and a.amoprighttype = k.opcintype when 'hash' then a.amopstrategy = 1 else true end
    join pg_operator p on p.oid = a.amopopr
    join pg_proc f on f.oid = p.oprcode
    group by k.object, x.relname, k.has_tenant, k.place, k.indexrelid, k.attnum
    having not bool_or(f.proleakproof)
      or (k.attnum = 0 and pg_get_indexdef(k.indexrelid, k.place, true) !~ '^[( ]*[[:alnum:]_."]+([[][0-9]+[]])*[) ]*$' and not exists (
        select from pg_depend d join pg_proc g on g.oid = d.refobjid
        where d.classid = 'pg_class'::regclass and d.objid = k.indexrelid
          and d.refclassid = 'pg_proc'::regclass and g.proleakproof))
    limit 200) u), '[]') as unusable,
  coalesce((select json_agg(t.object order by t.object) from tables t
    where t.has_tenant and not exists (
      select from pg_index i join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
      where i.indrelid = t.oid and i.indisvalid and i.indpred is null and a.attname = 'tenant_id')),
    '[]') as "withoutTenantIndex"`

/** Reads which indexes of some schemas do not serve their tables under row level security. */
export async function readIndexFacts(
  db: Queryable,
  schemas: readonly string[],
): Promise<IndexFacts> {
  const { rows } = await db.query<IndexFacts>(facts, [schemas])
  return rows[0] ?? { unusable: [], withoutTenantIndex: [] }
}
