import { ident, joinSql, qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'

/** A column, as far as the role of the caller is concerned. */
export interface ColumnRow {
  readonly name: string
  readonly type: string
  /** Part of the primary key. */
  readonly isKey: boolean
  readonly isReadable: boolean
}

/** A table and its columns. */
export interface ColumnsRow {
  readonly table: string
  readonly columns: readonly ColumnRow[]
}

const columnsOf = `
select t.name as table, (
  select coalesce(json_agg(json_build_object('name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'isKey', coalesce(a.attnum = any (i.indkey), false),
      'isReadable', has_schema_privilege(c.relnamespace, 'USAGE')
        and has_column_privilege(c.oid, a.attnum, 'SELECT')) order by a.attnum), '[]')
  from pg_attribute a
  left join pg_index i on i.indrelid = c.oid and i.indisprimary
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
from unnest($1::text[], $2::text[], $3::text[]) as t (name, schema, relation)
join pg_namespace n on n.nspname = t.schema
join pg_class c on c.relnamespace = n.oid and c.relname = t.relation
order by t.name`

/** Columns of tables, and which of them the role of the transaction may read. */
export async function readColumns(
  db: Queryable,
  tables: ReadonlyMap<string, { readonly schema: string; readonly table: string }>,
): Promise<ColumnsRow[]> {
  const named = [...tables]
  const { rows } = await db.query<ColumnsRow>(columnsOf, [
    named.map(([name]) => name),
    named.map(([, { schema }]) => schema),
    named.map(([, { table }]) => table),
  ])
  return rows
}

/** What a row is found by: a value of each column of its key. */
export type RowKey = Readonly<Record<string, string>>

/** Longest text of a value; more is for the page of the object itself. */
const longestValue = 200

/**
 * The values that the context of the transaction reads of a row, as text; undefined for a row that
 * it does not see.
 */
export async function readValues(
  db: Queryable,
  { schema, table }: { readonly schema: string; readonly table: string },
  key: RowKey,
  columns: readonly string[],
): Promise<Readonly<Record<string, string | null>> | undefined> {
  const values = columns.map(
    (name) =>
      sql`left(x.${ident(name)}::text, ${trustedSql(String(longestValue))}) as ${ident(name)}`,
  )
  const conditions = Object.keys(key).map(
    (name, index) => sql`x.${ident(name)} = ${trustedSql(`$${String(index + 1)}`)}`,
  )
  const { rows } = await db.query<Readonly<Record<string, string | null>>>(
    sql`select ${joinSql(values, ', ')} from ${qualifiedName(schema, table)} as x
      where ${joinSql(conditions, ' and ')} limit 1`.text,
    Object.values(key),
  )
  return rows[0]
}
