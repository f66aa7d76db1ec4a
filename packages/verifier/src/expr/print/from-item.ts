import { emptySql, ident, joinSql, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Alias, FromItem, FunctionItem, JoinItem } from '../ir/select.js'
import { printName, printType } from './names.js'
import type { Printer } from './printer.js'

/** The text of an entry of FROM. */
export function printFromItem(item: FromItem, to: Printer): Sql {
  switch (item.kind) {
    case 'opaque':
      return trustedSql(item.text)
    case 'table':
      return sql`${item.only ? sql`ONLY ` : emptySql}${printName(item)}${printAlias(item.alias)}`
    case 'subselect':
      return sql`${lateral(item)}(${to.select(item.select)})${printAlias(item.alias)}`
    case 'function':
      return printFunction(item, to)
    case 'join':
      return printJoin(item, to)
  }
}

function lateral(item: { readonly lateral: boolean }): Sql {
  return item.lateral ? sql`LATERAL ` : emptySql
}

function printAlias(alias: Alias | null): Sql {
  if (alias === null) return emptySql
  const columns =
    alias.columns.length === 0 ? emptySql : sql`(${joinSql(alias.columns.map(ident))})`
  return sql` AS ${ident(alias.name)}${columns}`
}

function printFunction(item: FunctionItem, to: Printer): Sql {
  const ordinality = item.ordinality ? sql` WITH ORDINALITY` : emptySql
  const call = sql`${lateral(item)}${to.expr(item.call)}${ordinality}`
  if (item.definitions.length === 0) return sql`${call}${printAlias(item.alias)}`
  const definitions = item.definitions.map(
    ({ name, type }) => sql`${ident(name)} ${printType(type)}`,
  )
  const name = item.alias === null ? emptySql : ident(item.alias.name)
  return sql`${call} AS ${name}(${joinSql(definitions)})`
}

/** In parentheses, so that the order of joins is the written one. */
function printJoin(item: JoinItem, to: Printer): Sql {
  const word = {
    cross: sql`CROSS JOIN`,
    inner: sql`JOIN`,
    left: sql`LEFT JOIN`,
    right: sql`RIGHT JOIN`,
    full: sql`FULL JOIN`,
  }[item.type]
  const natural = item.natural ? sql`NATURAL ` : emptySql
  const parts = [to.fromItem(item.left), sql`${natural}${word}`, to.fromItem(item.right)]
  if (item.on !== null) parts.push(sql`ON ${to.expr(item.on)}`)
  if (item.using.length > 0) parts.push(sql`USING (${joinSql(item.using.map(ident))})`)
  if (item.usingAlias !== null) parts.push(sql`AS ${ident(item.usingAlias)}`)
  return sql`(${joinSql(parts, ' ')})${printAlias(item.alias)}`
}
