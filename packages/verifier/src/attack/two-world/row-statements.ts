import type { Relation } from 'watertight/catalog'
import { ident, integer, joinSql, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Values } from '../synthesis/values.js'
import type { Target } from '../target.js'

/** A statement and its parameters. */
export type RowStatement = readonly [sql: Sql, values: readonly (string | null)[]]

/** Every column of `r` as text. */
export function textColumns(relation: Relation): Sql {
  return joinSql(relation.columns.map(({ name }) => sql`r.${ident(name)}::text as ${ident(name)}`))
}

/** Columns whose values a sequence gives. */
export function countingColumns({ columns }: Relation): readonly string[] {
  return columns
    .filter(
      ({ identity, defaultExpression }) =>
        identity !== null || defaultExpression?.startsWith('nextval(') === true,
    )
    .map(({ name }) => name)
}

/** An INSERT of a row without some of its columns. */
export function insertion(
  relation: Relation,
  row: Values,
  without: readonly string[] = [],
): RowStatement {
  const names = relation.columns
    .filter(({ name, generated }) => generated === null && !without.includes(name) && name in row)
    .map(({ name }) => name)
  const list = joinSql(names.map((name) => ident(name)))
  const places = joinSql(names.map((_, index) => sql`$${integer(index + 1)}`))
  const isGiven = relation.columns.some(
    ({ name, identity }) => identity === 'always' && names.includes(name),
  )
  const overriding = isGiven ? sql` overriding system value` : sql``
  const name = qualifiedName(relation.schema, relation.name)
  return [
    sql`insert into ${name} (${list})${overriding} values (${places})`,
    names.map((column) => row[column] ?? null),
  ]
}

/** A DELETE of exactly that row. */
export function deletion({ name, table }: Target, row: Values): RowStatement {
  const columns = table.relation.columns.filter((column) => column.name in row)
  const same = joinSql(
    columns.map(
      (column, index) =>
        sql`r.${ident(column.name)}::text is not distinct from $${integer(index + 1)}`,
    ),
    ' and ',
  )
  const values = columns.map((column) => row[column.name] ?? null)
  return [sql`delete from ${name} r where ${same}`, values]
}
