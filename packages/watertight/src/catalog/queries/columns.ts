import { sql } from '../../sql/index.js'
import type { DocumentQuery } from '../documents.js'
import type { Column } from '../snapshot.js'
import type { RawAclItem, RelationGroup } from './fragments.js'
import { aclItems, groupedByRelation, listedSchemas } from './fragments.js'

export interface RawColumn extends Omit<Column, 'acl'> {
  readonly acl: readonly RawAclItem[] | null
}

/**
 * `columns`: groups of {@link RawColumn}.
 *
 * PostgreSQL 18 sets `attnotnull` for a NOT NULL constraint that is NOT VALID although rows with
 * nulls may exist (manual, ALTER TABLE); such a column counts as nullable here.
 */
export const columnsQuery: DocumentQuery<{
  readonly columns: readonly RelationGroup<RawColumn>[]
}> = {
  sql: sql`
  with recursive ${listedSchemas},
  domain_base (domain, type, typmod) as (
    select t.oid, t.typbasetype, t.typtypmod
    from pg_catalog.pg_type as t where t.typtype = 'd'
    union all
    select b.domain, t.typbasetype, case when b.typmod >= 0 then b.typmod else t.typtypmod end
    from domain_base as b
    join pg_catalog.pg_type as t on t.oid = b.type and t.typtype = 'd'
  ),
  base as materialized (
    select b.domain, b.type, b.typmod
    from domain_base as b
    join pg_catalog.pg_type as t on t.oid = b.type and t.typtype <> 'd'
  )
  select ${groupedByRelation(sql`
    select a.attrelid as relation, pg_catalog.json_build_object(
      'name', a.attname,
      'position', a.attnum,
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'baseType', pg_catalog.format_type(
        coalesce(b.type, a.atttypid), coalesce(b.typmod, a.atttypmod)),
      'notNull', a.attnotnull and not exists (
        select from pg_catalog.pg_constraint as nn
        where nn.conrelid = a.attrelid and nn.contype = 'n' and not nn.convalidated
          and nn.conkey = array[a.attnum]),
      'defaultExpression', pg_catalog.pg_get_expr(e.adbin, e.adrelid),
      'generated', case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,
      'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by-default' end,
      'collation', case when a.attcollation not in (0, 'pg_catalog."default"'::regcollation)
        then a.attcollation::regcollation::text end,
      'acl', case when a.attacl is not null then ${aclItems(sql`a.attacl`)} end
    ) as item
    from listed as n
    join pg_catalog.pg_class as c
      on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_catalog.pg_attribute as a
      on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_attrdef as e on e.adrelid = a.attrelid and e.adnum = a.attnum
    left join base as b on b.domain = a.atttypid`)}::text as columns`,
}
