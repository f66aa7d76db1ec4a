import type { Column, Relation } from 'watertight/catalog'
import { sql } from 'watertight/sql'
import type { ProbeSession } from '../session.js'

/**
 * A value of a type that is known by its kind alone: a composite of NULLs, an empty range, the first
 * label of an enum, all through domains. Null for others.
 */
export async function valueOfKind(
  session: ProbeSession,
  relation: Relation,
  column: Column,
): Promise<string | null> {
  const read = await session.admin(
    sql`with recursive base as (
        select t.oid, t.typtype, t.typbasetype, t.typrelid from pg_catalog.pg_attribute a
          join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          join pg_catalog.pg_type t on t.oid = a.atttypid
          where n.nspname = $1 and c.relname = $2 and a.attname = $3 and a.attnum > 0
        union all
        select t.oid, t.typtype, t.typbasetype, t.typrelid from base b join pg_catalog.pg_type t on t.oid = b.typbasetype
          where b.typtype = 'd')
      select case b.typtype when 'c' then '(' || repeat(',', greatest(0, (select count(*)::int - 1
            from pg_catalog.pg_attribute a where a.attrelid = b.typrelid and a.attnum > 0 and not a.attisdropped))) || ')'
          when 'r' then 'empty' when 'm' then '{}'
          when 'e' then (select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = b.oid order by e.enumsortorder limit 1) end as value
        from base b where b.typtype <> 'd' limit 1`,
    [relation.schema, relation.name, column.name],
  )
  const value = read.ok ? read.rows[0]?.['value'] : null
  return typeof value === 'string' ? value : null
}
