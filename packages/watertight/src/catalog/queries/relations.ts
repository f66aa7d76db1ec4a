import type { Sql } from '../../sql/index.js'
import { sql } from '../../sql/index.js'
import type { DocumentQuery } from '../documents.js'
import type { Relation } from '../snapshot.js'
import type { Oid, RawAclItem } from './fragments.js'
import { aclItems, jsonArray, listedSchemas, optionsObject } from './fragments.js'

type Children = 'columns' | 'constraints' | 'indexes' | 'policies' | 'triggers' | 'rules'

/** A relation without its children. */
export interface RawRelation extends Omit<Relation, Children | 'acl'> {
  readonly oid: Oid
  readonly acl: readonly RawAclItem[] | null
}

const reads: Sql = sql`(
      select pg_catalog.json_agg(distinct pg_catalog.jsonb_build_object(
        'schema', tn.nspname, 'name', t.relname))
      from pg_catalog.pg_rewrite as w
      join pg_catalog.pg_depend as d
        on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
        and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> c.oid
      join pg_catalog.pg_class as t
        on t.oid = d.refobjid and t.relkind in ('r', 'p', 'v', 'm', 'f')
      join pg_catalog.pg_namespace as tn on tn.oid = t.relnamespace
      where w.ev_class = c.oid
    )`

const parents: Sql = sql`(
      select pg_catalog.json_agg(
        pg_catalog.json_build_object(
          'schema', pn.nspname, 'name', p.relname, 'isPartition', c.relispartition)
        order by i.inhseqno)
      from pg_catalog.pg_inherits as i
      join pg_catalog.pg_class as p on p.oid = i.inhparent
      join pg_catalog.pg_namespace as pn on pn.oid = p.relnamespace
      where i.inhrelid = c.oid
    )`

/** `relations`: JSON array of {@link RawRelation}. */
export const relationsQuery: DocumentQuery<{ readonly relations: readonly RawRelation[] }> = {
  sql: sql`
  with ${listedSchemas}
  select ${jsonArray(sql`
    select pg_catalog.json_build_object(
      'oid', c.oid,
      'kind', case c.relkind
        when 'r' then 'table' when 'p' then 'partitioned-table' when 'v' then 'view'
        when 'm' then 'materialized-view' else 'foreign-table' end,
      'schema', n.name,
      'name', c.relname,
      'owner', pg_catalog.pg_get_userbyid(c.relowner),
      'persistence', case c.relpersistence
        when 'p' then 'permanent' when 'u' then 'unlogged' else 'temporary' end,
      'comment', d.description,
      'rls', pg_catalog.json_build_object(
        'enabled', c.relrowsecurity, 'forced', c.relforcerowsecurity),
      'acl', ${aclItems(sql`coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))`)},
      'parents', coalesce(${parents}, '[]'),
      'partitionKey', case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
      'partitionBound', pg_catalog.pg_get_expr(c.relpartbound, c.oid),
      'definition', case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end,
      'options', ${optionsObject(sql`c.reloptions`)},
      'reads', case when c.relhasrules then coalesce(${reads}, '[]') else '[]' end,
      'isPartition', c.relispartition
    ) as item
    from listed as n
    join pg_catalog.pg_class as c on c.relnamespace = n.oid
    left join pg_catalog.pg_description as d
      on d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = c.oid and d.objsubid = 0
    where c.relkind in ('r', 'p', 'v', 'm', 'f')`)}::text as relations`,
}
