import { joinSql, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Expr } from '../ir/expr.js'
import type { Select } from '../ir/select.js'
import { bindsTightly } from './binding.js'
import { printExpr } from './expr.js'
import { printFromItem } from './from-item.js'
import type { Printer } from './printer.js'
import { printOrderBy, printQuery } from './select.js'

const printer: Printer = {
  expr: (expr) => printExpr(expr, printer),
  operand: (expr) => {
    const text = printer.expr(expr)
    return bindsTightly(expr) ? text : sql`(${text})`
  },
  list: (exprs) => joinSql(exprs.map(printer.expr)),
  orderBy: (keys) => printOrderBy(keys, printer),
  select: (select) => printQuery(select, printer),
  fromItem: (item) => printFromItem(item, printer),
}

/**
 * The SQL of an expression. PostgreSQL parses it to the tree that the expression came from.
 *
 * @throws INVALID_IDENTIFIER, INVALID_INPUT for an expression that no text parses to.
 * @example
 * ```ts
 * printExpression(parseExpression('a=1 or b')).text // (a = 1) OR b
 * ```
 */
export function printExpression(expr: Expr): Sql {
  return printer.expr(expr)
}

/**
 * The SQL of a query. PostgreSQL parses it to the tree that the query came from.
 *
 * @throws INVALID_IDENTIFIER, INVALID_INPUT for a query that no text parses to.
 */
export function printSelect(select: Select): Sql {
  return printer.select(select)
}
