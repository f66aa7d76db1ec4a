import { ident, sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'

/** What the server offers to the connection. */
export interface Surroundings {
  /** Schema of the extension `pg_stat_statements`; null where it is not installed. */
  readonly schema: string | null
  readonly isLoaded: boolean
  /** Statements of other roles and statistics of every table are shown. */
  readonly seesAll: boolean
  /** Plans with open parameters can be asked for, from PostgreSQL 16 on. */
  readonly plansGenerically: boolean
}

const surroundings = `
select (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'pg_stat_statements') as schema,
  current_setting('shared_preload_libraries') ~ '\\mpg_stat_statements\\M' as "isLoaded",
  current_setting('server_version_num')::int >= 160000 as "plansGenerically",
  (select r.rolsuper or (r.rolbypassrls and pg_has_role(r.oid, 'pg_read_all_stats', 'usage'))
    from pg_roles r where r.rolname = current_user) as "seesAll"`

/** What the server and the connection can say at all. */
export async function readSurroundings(db: Queryable): Promise<Surroundings> {
  const { rows } = await db.query<Surroundings>(surroundings)
  return rows[0] ?? { schema: null, isLoaded: false, seesAll: false, plansGenerically: false }
}

/** A kind of statement and what it took. */
export interface StatementRow {
  readonly id: string
  readonly text: string
  /** Not cut; null where it is longer than 20,000 characters. */
  readonly whole: string | null
  readonly role: string | null
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
  readonly maxMs: number
  readonly rows: number
  readonly cacheHitRatio: number | null
  readonly since: string | null
}

/**
 * Statements of this database that took longest in sum; cut in the database at 4,000 characters.
 *
 * SECURITY: only those whose values the extension replaces. It keeps others as they were sent, such as
 * the password of an `alter role`.
 */
export async function listSlowStatements(
  db: Queryable,
  schema: string,
  limit: number,
): Promise<StatementRow[]> {
  const at = ident(schema)
  const { rows } = await db.query<StatementRow>(
    sql`select s.queryid::text as id, left(s.query, 4000) as text,
      case when length(s.query) <= 20000 then s.query end as whole, r.rolname as role,
      s.calls::float8 as calls, s.total_exec_time as "totalMs", s.mean_exec_time as "meanMs",
      s.max_exec_time as "maxMs", s.rows::float8 as rows,
      s.shared_blks_hit::float8 / nullif(s.shared_blks_hit + s.shared_blks_read, 0) as "cacheHitRatio",
      to_char(i.stats_reset at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
    from ${at}.pg_stat_statements s
    cross join ${at}.pg_stat_statements_info i
    left join pg_roles r on r.oid = s.userid
    where s.dbid = (select oid from pg_database where datname = current_database())
      and s.queryid is not null and s.query ~* '^\\s*(select|insert|update|delete|merge|with)\\M'
    order by s.total_exec_time desc, s.queryid limit $1`.text,
    [limit],
  )
  return rows
}
