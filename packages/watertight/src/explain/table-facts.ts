import { readDocuments } from '../catalog/documents.js'
import type { DocumentQuery } from '../catalog/documents.js'
import type { Command, TableName } from '../model/index.js'
import { formatTableName } from '../model/index.js'
import { sql } from '../sql/index.js'
import type { Queryable } from '../sql/index.js'
import type { PolicyFacts } from './policy-facts.js'
import { policiesQuery } from './policy-facts.js'
import { fault } from './question.js'

export interface ColumnFacts {
  readonly name: string
  /** As `format_type()` prints it, schema-qualified outside `pg_catalog`. */
  readonly type: string
  readonly default: string | null
  readonly generated: boolean
  /** The sequence of a serial column is one that the role cannot use. */
  readonly sequenceDenied: boolean
  /** Privileges on the column, through the table or of its own. */
  readonly may: readonly Command[]
}

/** What the connected role may do with a table, and what decides about its rows. */
export interface TableFacts {
  readonly role: string
  readonly oid: string
  readonly kind: string
  readonly columns: readonly ColumnFacts[]
  /** Columns of the primary key, in its order. */
  readonly primaryKey: readonly string[]
  readonly schemaUsage: boolean
  /** Privileges on the table as a whole. */
  readonly may: readonly Command[]
  /** Whether policies apply to the role. */
  readonly rowSecurity: boolean
  readonly appendOnly: boolean
  /** Kernel functions without arguments that the role can call. */
  readonly kernel: readonly string[]
  /** Those that apply to the role. */
  readonly policies: readonly PolicyFacts[]
}

type RawTable = Omit<TableFacts, 'policies'>

const tableQuery: DocumentQuery<{ tables: readonly RawTable[] }> = {
  sql: sql`
select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
  'role', current_user,
  'oid', c.oid::text,
  'kind', c.relkind,
  'columns', (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname,
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'default', case when a.attgenerated = '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
      'generated', a.attgenerated <> '',
      'sequenceDenied', exists (
        select from pg_catalog.pg_depend as owned
        join pg_catalog.pg_class as s on s.oid = owned.objid
        where owned.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and owned.deptype = 'a'
          and owned.refobjid = c.oid and owned.refobjsubid = a.attnum
          and case s.relkind when 'S' then not pg_catalog.has_sequence_privilege(s.oid, 'USAGE, UPDATE')
            else false end),
      'may', (select coalesce(pg_catalog.json_agg(p), '[]')
        from pg_catalog.unnest(array['SELECT', 'INSERT', 'UPDATE']) as p
        where pg_catalog.has_column_privilege(c.oid, a.attnum, p))
    ) order by a.attnum), '[]')
    from pg_catalog.pg_attribute as a
    left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'primaryKey', (
    select coalesce(pg_catalog.json_agg(a.attname order by key.place), '[]')
    from pg_catalog.pg_index as i
    cross join pg_catalog.unnest(i.indkey) with ordinality as key(number, place)
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = key.number
    where i.indrelid = c.oid and i.indisprimary and key.place <= i.indnkeyatts),
  'schemaUsage', pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
  'may', (select coalesce(pg_catalog.json_agg(p), '[]')
    from pg_catalog.unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as p
    where pg_catalog.has_table_privilege(c.oid, p)),
  'rowSecurity', pg_catalog.row_security_active(c.oid),
  'appendOnly', exists (
    select from pg_catalog.pg_trigger as t
    join pg_catalog.pg_proc as f on f.oid = t.tgfoid and f.proname = 'refuse_truncate'
    join pg_catalog.pg_namespace as k on k.oid = f.pronamespace and k.nspname = 'watertight'
    where t.tgrelid = c.oid),
  'kernel', (
    select coalesce(pg_catalog.json_agg(f.proname order by f.proname), '[]')
    from pg_catalog.pg_proc as f
    join pg_catalog.pg_namespace as k on k.oid = f.pronamespace and k.nspname = 'watertight'
    where f.pronargs = 0 and f.prokind = 'f' and f.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype
      and pg_catalog.has_schema_privilege(k.oid, 'USAGE')
      and pg_catalog.has_function_privilege(f.oid, 'EXECUTE'))
)), '[]')::text as tables
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2`,
}

const kindsWithPolicies = new Set(['r', 'p'])

/**
 * Reads the table as the connected role. The search path must be empty, so that what PostgreSQL
 * prints is qualified.
 *
 * @throws INVALID_INPUT when there is no such table, or it is a view.
 */
export async function readTableFacts(db: Queryable, table: TableName): Promise<TableFacts> {
  const { tables } = await readDocuments(db, tableQuery, [table.schema, table.name])
  const [found] = tables
  const name = formatTableName(table)
  if (found === undefined) throw fault(`there is no table ${name}`)
  if (!kindsWithPolicies.has(found.kind)) {
    throw fault(`${name} is not a table: ask about the tables that it reads`)
  }
  return { ...found, ...(await readDocuments(db, policiesQuery, [found.oid])) }
}
