import { sql } from '../../sql/index.js'
import type { DocumentQuery } from '../documents.js'
import type { IndexInfo } from '../snapshot.js'
import type { RelationGroup } from './fragments.js'
import { columnNames, groupedByRelation, listedSchemas } from './fragments.js'

/** `indexes`: groups of `IndexInfo`. `indkey` is 0-based, unlike every other array here. */
export const indexesQuery: DocumentQuery<{
  readonly indexes: readonly RelationGroup<IndexInfo>[]
}> = {
  sql: sql`
  with ${listedSchemas}
  select ${groupedByRelation(sql`
    select x.indrelid as relation, pg_catalog.json_build_object(
      'name', i.relname,
      'definition', pg_catalog.pg_get_indexdef(x.indexrelid),
      'method', m.amname,
      'isUnique', x.indisunique,
      'isPrimary', x.indisprimary,
      'isValid', x.indisvalid,
      'columns', ${columnNames(
        sql`x.indrelid`,
        sql`(x.indkey::pg_catalog.int2[])[0:x.indnkeyatts - 1]`,
      )},
      'predicate', pg_catalog.pg_get_expr(x.indpred, x.indrelid),
      'constraint', k.conname,
      'inherited', i.relispartition
    ) as item
    from listed as n
    join pg_catalog.pg_class as c
      on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'm')
    join pg_catalog.pg_index as x on x.indrelid = c.oid
    join pg_catalog.pg_class as i on i.oid = x.indexrelid
    join pg_catalog.pg_am as m on m.oid = i.relam
    left join pg_catalog.pg_constraint as k
      on k.conindid = x.indexrelid and k.conrelid = x.indrelid
      and k.contype in ('p', 'u', 'x')`)}::text as indexes`,
}
