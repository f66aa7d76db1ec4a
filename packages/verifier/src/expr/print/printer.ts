import type { Sql } from 'watertight/sql'
import type { Expr } from '../ir/expr.js'
import type { FromItem, Select, SortKey } from '../ir/select.js'

/** What the printers of single constructs call for the parts below them. */
export interface Printer {
  expr(expr: Expr): Sql
  /** In parentheses unless it binds as tightly as a name. */
  operand(expr: Expr): Sql
  /** Joined by commas. */
  list(exprs: readonly Expr[]): Sql
  /** With ` ORDER BY ` before it; nothing for no keys. */
  orderBy(keys: readonly SortKey[]): Sql
  select(select: Select): Sql
  fromItem(item: FromItem): Sql
}
