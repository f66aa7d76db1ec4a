import type { DocumentQuery } from '../catalog/documents.js'
import type { Command } from '../model/index.js'
import { sql } from '../sql/index.js'

/** A function that a policy calls, outside of `pg_catalog`. */
export interface PolicyFunction {
  readonly schema: string
  readonly name: string
  readonly body: string
  readonly executable: boolean
}

/** A policy as far as explaining it takes. */
export interface PolicyFacts {
  readonly name: string
  readonly command: 'ALL' | Command
  readonly permissive: boolean
  readonly using: string | null
  readonly withCheck: string | null
  readonly functions: readonly PolicyFunction[]
  /** Other tables that it reads. */
  readonly relations: readonly {
    readonly schema: string
    readonly name: string
    readonly readable: boolean
  }[]
  /** Columns of its own table that it reads. */
  readonly columns: readonly string[]
}

/** The policies of the table with oid $1 that apply to the connected role. */
export const policiesQuery: DocumentQuery<{ policies: readonly PolicyFacts[] }> = {
  sql: sql`
select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
  'name', p.polname,
  'command', case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE'
    when 'd' then 'DELETE' else 'ALL' end,
  'permissive', p.polpermissive,
  'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
  'withCheck', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
  'functions', (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'schema', n.nspname, 'name', f.proname, 'body', f.prosrc,
      'executable', pg_catalog.has_function_privilege(f.oid, 'EXECUTE')
        and pg_catalog.has_schema_privilege(n.oid, 'USAGE'))), '[]')
    from pg_catalog.pg_proc as f
    join pg_catalog.pg_namespace as n on n.oid = f.pronamespace
    where f.oid in (select d.refobjid from pg_catalog.pg_depend as d
      where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
        and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass)),
  'relations', (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'schema', n.nspname, 'name', c.relname,
      'readable', pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        and pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))), '[]')
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid <> p.polrelid and c.oid in (select d.refobjid from pg_catalog.pg_depend as d
      where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)),
  'columns', (
    select coalesce(pg_catalog.json_agg(a.attname), '[]')
    from pg_catalog.pg_attribute as a
    where a.attrelid = p.polrelid and a.attnum in (select d.refobjsubid from pg_catalog.pg_depend as d
      where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = p.polrelid
        and d.refobjsubid > 0))
) order by p.polpermissive, p.polname), '[]')::text as policies
from pg_catalog.pg_policy as p
where p.polrelid = $1::pg_catalog.oid and exists (
  select from pg_catalog.unnest(p.polroles) as r
  where case when r = 0 then true else pg_catalog.pg_has_role(r, 'USAGE') end)`,
}
