import { emptySql, ident, integer, joinSql, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Call, CallArgument, SqlValue } from '../ir/expr.js'
import { printName } from './names.js'
import type { Printer } from './printer.js'
import { printStandardSyntax } from './standard-syntax.js'

/** A function call. */
export function printCall(call: Call, to: Printer): Sql {
  if (call.standardSyntax) {
    const text = printStandardSyntax(call, to.operand)
    if (text !== null) return text
  }
  const { aggregate } = call
  const args = call.args.map((argument, index) => {
    const text = printArgument(argument, to)
    return call.variadic && index === call.args.length - 1 ? sql`VARIADIC ${text}` : text
  })
  const name = printName(call.function)
  if (aggregate === null) return sql`${name}(${joinSql(args)})`
  const distinct = aggregate.distinct ? sql`DISTINCT ` : emptySql
  const list = aggregate.star ? sql`*` : joinSql(args)
  const inside = sql`${distinct}${list}${to.orderBy(aggregate.orderBy)}`
  const filter =
    aggregate.filter === null ? emptySql : sql` FILTER (WHERE ${to.expr(aggregate.filter)})`
  return sql`${name}(${inside})${filter}`
}

function printArgument({ name, value }: CallArgument, to: Printer): Sql {
  return name === null ? to.expr(value) : sql`${ident(name)} => ${to.expr(value)}`
}

/** `CURRENT_USER`, `CURRENT_TIMESTAMP(3)` and the like. */
export function printSqlValue({ name, precision }: SqlValue): Sql {
  const word = trustedSql(name.toUpperCase())
  return precision === null ? word : sql`${word}(${integer(precision)})`
}
