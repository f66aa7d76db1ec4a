import { ident, joinSql, qualifiedName, sql, trustedSql } from '../sql/index.js'
import type { Sql } from '../sql/index.js'
import type { Statement } from '../runtime/driver.js'
import type { Question } from './question.js'
import { fault } from './question.js'
import type { ColumnFacts, TableFacts } from './table-facts.js'

/*
 * Rows travel as the text of the table's row type, which every type of column can be written in and
 * read from without loss. `x.*` in an expression means the whole row, whatever the columns are called.
 */

/**
 * At most two rows with the key, as text in column `row`, or only their number of rows.
 *
 * @throws INVALID_INPUT when the key does not fit the primary key.
 */
export function selectStored(question: Question, facts: TableFacts, whole: boolean): Statement {
  const { table } = question
  const key = keyOf(question, facts)
  const conditions = [...key.keys()].map(
    (name, index) => sql`x.${ident(name)} = ${trustedSql(`$${index + 1}`)}`,
  )
  const selected = whole ? sql`(x.*)::text` : sql`null::text`
  const text = sql`select ${selected} as row from ${qualifiedName(table.schema, table.name)} as x
    where ${joinSql(conditions, ' and ')} limit 2`
  return { text: text.text, values: [...key.values()] }
}

function keyOf({ key }: Question, { primaryKey }: TableFacts): ReadonlyMap<string, unknown> {
  if (key?.kind === 'columns') return key.columns
  const [column, ...rest] = primaryKey
  if (column === undefined) throw fault('the table has no primary key: pass { column: value }')
  if (rest.length > 0) {
    throw fault(`the key has several columns: pass { ${primaryKey.join(': …, ')}: … }`)
  }
  return new Map([[column, key?.value]])
}

/** @throws INVALID_INPUT when the key names more than one row. */
export function onlyRowText(
  rows: readonly { readonly row?: string | null }[],
): { readonly text: string | null } | null {
  if (rows.length > 1) throw fault('the key names several rows')
  const [found] = rows
  return found === undefined ? null : { text: found.row ?? null }
}

/**
 * The row as the statement would leave it: written columns, then what is stored, then defaults of
 * the columns that policies read. What triggers and generated columns make of it is not known.
 */
export function selectNew(question: Question, facts: TableFacts, stored: string | null): Statement {
  const { table, values } = question
  const bound: unknown[] = stored === null ? [] : [stored]
  const read = new Set(facts.policies.flatMap(({ columns }) => columns))
  const fields = facts.columns.map((column) => {
    if (values.has(column.name)) {
      bound.push(values.get(column.name))
      return sql`${trustedSql(`$${bound.length}`)}::${trustedSql(column.type)}`
    }
    if (stored !== null) return sql`x.${ident(column.name)}`
    return read.has(column.name) ? defaultOf(column) : sql`null`
  })
  const type = qualifiedName(table.schema, table.name)
  const from: Sql = stored === null ? sql`` : sql` from pg_catalog.unnest(array[$1::${type}]) as x`
  return {
    text: sql`select (row(${joinSql(fields)})::${type})::text as row${from}`.text,
    values: bound,
  }
}

function defaultOf(column: ColumnFacts): Sql {
  return column.default === null ? sql`null` : sql`(${trustedSql(column.default)})`
}

/** Evaluates an expression of a policy for a row that is given as text. */
export function selectVerdict({ table }: Question, expression: string, row: string): Statement {
  const type = qualifiedName(table.schema, table.name)
  const from = sql`pg_catalog.unnest(array[$1::${type}]) as ${ident(table.name)}`
  return {
    text: sql`select (${trustedSql(expression)})::text as verdict from ${from}`.text,
    values: [row],
  }
}
