import type { Queryable } from 'watertight/sql'

/** How large a table is and how it is read. */
export interface TableLoadRow {
  readonly object: string
  readonly rows: number
  readonly bytes: number
  readonly sequentialScans: number
  readonly indexScans: number
  readonly deadRows: number
  readonly analyzedAt: string | null
  readonly largestTenantShare: number | null
  readonly tenants: number
}

/** What a tenant has of all tables. */
export interface TenantShareRow {
  readonly tenantId: string
  readonly name: string | null
  readonly rows: number
  readonly bytes: number
  readonly share: number
}

/** Tables and tenants by size, as the statistics have them. */
export interface LoadRow {
  readonly tables: readonly TableLoadRow[]
  readonly tenants: readonly TenantShareRow[]
}

// Partitions are counted with their root. `pg_stats` names the tenants that a table has most rows of;
// `reltuples` is -1 before the first ANALYZE. Nothing is counted row by row.
const load = `
with leaves as (
  select c.oid, coalesce(pg_partition_root(c.oid)::oid, c.oid) as root, n.nspname, c.relname,
    case when c.reltuples < 0 then coalesce(s.n_live_tup, 0) else c.reltuples end::float8 as rows,
    pg_total_relation_size(c.oid)::float8 as bytes, coalesce(s.seq_scan, 0)::float8 as seq_scan,
    coalesce(s.idx_scan, 0)::float8 as idx_scan, coalesce(s.n_dead_tup, 0)::float8 as dead,
    greatest(s.last_analyze, s.last_autoanalyze) as analyzed
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_stat_user_tables s on s.relid = c.oid
  where c.relkind = 'r' and n.nspname = any ($1)
), shares as (
  select l.oid, l.root, v.tenant_id, v.share::float8 * l.rows as rows, v.share::float8 * l.bytes as bytes
  from leaves l
  join pg_stats p on p.schemaname = l.nspname and p.tablename = l.relname
    and p.attname = 'tenant_id' and not p.inherited
  cross join lateral unnest(p.most_common_vals::text::uuid[], p.most_common_freqs) as v (tenant_id, share)
), by_table as (
  select l.root, sum(l.rows) as rows, sum(l.bytes) as bytes, sum(l.seq_scan) as seq_scan,
    sum(l.idx_scan) as idx_scan, sum(l.dead) as dead, max(l.analyzed) as analyzed
  from leaves l group by l.root
), by_table_and_tenant as (
  select root, tenant_id, sum(rows) as rows from shares group by root, tenant_id
), by_tenant as (
  select tenant_id, sum(rows) as rows, sum(bytes) as bytes from shares group by tenant_id
)
select coalesce((select json_agg(t order by t.bytes desc, t.object) from (
    select n.nspname || '.' || c.relname as object, b.rows, b.bytes,
      b.seq_scan as "sequentialScans", b.idx_scan as "indexScans", b.dead as "deadRows",
      to_char(b.analyzed at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "analyzedAt",
      (select max(s.rows) / nullif(b.rows, 0) from by_table_and_tenant s where s.root = b.root)
        as "largestTenantShare",
      (select count(*) from by_table_and_tenant s where s.root = b.root) as tenants
    from by_table b join pg_class c on c.oid = b.root join pg_namespace n on n.oid = c.relnamespace
    order by b.bytes desc limit $2) t), '[]') as tables,
  coalesce((select json_agg(t order by t.rows desc, t."tenantId") from (
    select b.tenant_id as "tenantId", o.name, b.rows, b.bytes,
      b.rows / nullif(sum(b.rows) over (), 0) as share
    from by_tenant b left join core.tenants o on o.id = b.tenant_id
    order by b.rows desc limit $2) t), '[]') as tenants`

/** Reads the load of the tables of some schemas; the largest ones, and tenants with most rows. */
export async function readLoad(
  db: Queryable,
  schemas: readonly string[],
  limit: number,
): Promise<LoadRow> {
  const { rows } = await db.query<LoadRow>(load, [schemas, limit])
  return rows[0] ?? { tables: [], tenants: [] }
}
