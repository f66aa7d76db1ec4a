import type { Queryable } from 'watertight/sql'

/** An index as a plan may use it. */
export interface IndexFact {
  readonly name: string
  readonly unique: boolean
  readonly partial: boolean
  /** Keys as PostgreSQL prints them: columns and expressions. */
  readonly keys: readonly string[]
  /** Rows of the table that have the same value of a key, by the statistics; null where they say nothing. */
  readonly rowsPerValue: readonly (number | null)[]
}

/** A function that the policies of a table call. */
export interface PolicyFunctionFact {
  readonly schema: string
  readonly name: string
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  /** Why the planner cannot look into it; null where it can. */
  readonly opaqueBecause: string | null
}

/** What the catalog and the statistics say about a table of a plan. */
export interface TableFact {
  /** As the plan names it. */
  readonly relation: string
  /** The table itself, or the partitioned table that it is a part of. */
  readonly object: string
  readonly rows: number
  readonly hasTenant: boolean
  readonly indexes: readonly IndexFact[]
  readonly policyFunctions: readonly PolicyFunctionFact[]
  /** Policies read a setting by themselves. */
  readonly readsSettings: boolean
  /** The tenants with most and with fewest rows, of those that the statistics name. */
  readonly whale: string | null
  readonly minnow: string | null
}

// Policies are those of the table that the statement names: of a partition, those of its root. A
// function in SQL is looked into (inlined) unless it is VOLATILE, SECURITY DEFINER or has settings.
const facts = `
with relations as (
  select c.oid, n.nspname, c.relname, coalesce(pg_partition_root(c.oid)::oid, c.oid) as root,
    case when c.reltuples < 0 then coalesce(pg_stat_get_live_tuples(c.oid), 0)
      else c.reltuples end::float8 as rows
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname || '.' || c.relname = any ($1)
)
select r.nspname || '.' || r.relname as relation, (select n.nspname || '.' || c.relname
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = r.root) as object,
  r.rows, exists (select from pg_attribute a where a.attrelid = r.oid and a.attname = 'tenant_id'
    and not a.attisdropped) as "hasTenant",
  coalesce((select json_agg(json_build_object('name', x.relname, 'unique', i.indisunique,
      'partial', i.indpred is not null,
      'keys', (select json_agg(pg_get_indexdef(i.indexrelid, k, true) order by k)
        from generate_series(1, i.indnkeyatts) k),
      'rowsPerValue', (select json_agg((select case
            when s.n_distinct > 0 then r.rows / s.n_distinct when s.n_distinct < 0 then -1 / s.n_distinct
          end from pg_stats s where not s.inherited
            and case i.indkey[k - 1] when 0 then s.schemaname = r.nspname and s.tablename = x.relname
                and s.attname = (select a.attname from pg_attribute a
                  where a.attrelid = i.indexrelid and a.attnum = k)
              else s.schemaname = r.nspname and s.tablename = r.relname
                and s.attname = (select a.attname from pg_attribute a
                  where a.attrelid = r.oid and a.attnum = i.indkey[k - 1]) end) order by k)
        from generate_series(1, i.indnkeyatts) k)))
    from pg_index i join pg_class x on x.oid = i.indexrelid
    where i.indrelid = r.oid and i.indisvalid), '[]') as indexes,
  coalesce((select json_agg(distinct jsonb_build_object('schema', n.nspname, 'name', f.proname,
      'volatility', case f.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
      'opaqueBecause', case when l.lanname <> 'sql' then 'it is written in ' || l.lanname
        when f.prosecdef then 'it is SECURITY DEFINER' when f.proconfig is not null then 'it has settings of its own'
        when f.provolatile = 'v' then 'it is VOLATILE' end))
    from pg_policy p
    join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
      and d.refclassid = 'pg_proc'::regclass
    join pg_proc f on f.oid = d.refobjid join pg_namespace n on n.oid = f.pronamespace
    join pg_language l on l.oid = f.prolang
    where p.polrelid in (r.oid, r.root)), '[]') as "policyFunctions",
  exists (select from pg_policy p where p.polrelid in (r.oid, r.root)
    and coalesce(pg_get_expr(p.polqual, p.polrelid), '') ~ '\\mcurrent_setting\\(') as "readsSettings",
  m.vals[1]::text as whale, m.vals[cardinality(m.vals)]::text as minnow
from relations r
left join lateral (select s.most_common_vals::text::text[] as vals from pg_stats s
  where s.schemaname = r.nspname and s.tablename = r.relname and s.attname = 'tenant_id'
    and not s.inherited) m on true`

/** Reads about the tables that plans go through, by `schema.table`. */
export async function readTableFacts(
  db: Queryable,
  relations: readonly string[],
): Promise<ReadonlyMap<string, TableFact>> {
  const { rows } = await db.query<TableFact>(facts, [relations])
  return new Map(rows.map((row) => [row.relation, row]))
}
