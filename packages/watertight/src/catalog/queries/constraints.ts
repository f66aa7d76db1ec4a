import type { Sql } from '../../sql/index.js'
import { sql } from '../../sql/index.js'
import type { DocumentQuery } from '../documents.js'
import type { Constraint } from '../snapshot.js'
import type { RelationGroup } from './fragments.js'
import { columnNames, groupedByRelation, listedSchemas } from './fragments.js'

function referentialAction(code: Sql): Sql {
  return sql`case ${code}
          when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null'
          when 'd' then 'set default' else 'no action' end`
}

/**
 * `constraints`: groups of `Constraint`. A foreign key to a partitioned table is stored once more
 * for every partition of the target; those rows are the server's bookkeeping and left out.
 */
export const constraintsQuery: DocumentQuery<{
  readonly constraints: readonly RelationGroup<Constraint>[]
}> = {
  sql: sql`
  with ${listedSchemas}
  select ${groupedByRelation(sql`
    select k.conrelid as relation, pg_catalog.json_build_object(
      'name', k.conname,
      'kind', case k.contype
        when 'p' then 'primary-key' when 'u' then 'unique' when 'f' then 'foreign-key'
        when 'x' then 'exclude' else 'check' end,
      'columns', ${columnNames(sql`k.conrelid`, sql`k.conkey`)},
      'definition', pg_catalog.pg_get_constraintdef(k.oid),
      'validated', k.convalidated,
      'deferrable', k.condeferrable,
      'inherited', k.conparentid <> 0 or k.coninhcount > 0,
      'references', case when k.contype = 'f' then pg_catalog.json_build_object(
        'schema', tn.nspname,
        'name', t.relname,
        'columns', ${columnNames(sql`k.confrelid`, sql`k.confkey`)},
        'onDelete', ${referentialAction(sql`k.confdeltype`)},
        'onUpdate', ${referentialAction(sql`k.confupdtype`)},
        'onDeleteColumns', ${columnNames(sql`k.conrelid`, sql`k.confdelsetcols`)},
        'match', case k.confmatchtype
          when 'f' then 'full' when 'p' then 'partial' else 'simple' end
      ) end
    ) as item
    from listed as n
    join pg_catalog.pg_class as c
      on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_catalog.pg_constraint as k
      on k.conrelid = c.oid and k.contype in ('p', 'u', 'f', 'c', 'x')
    left join pg_catalog.pg_class as t on t.oid = k.confrelid
    left join pg_catalog.pg_namespace as tn on tn.oid = t.relnamespace
    where not exists (
      select from pg_catalog.pg_constraint as parent
      where parent.oid = k.conparentid and parent.conrelid = k.conrelid)`)}::text as constraints`,
}
