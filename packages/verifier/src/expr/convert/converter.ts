import type { Node, SelectStmt } from 'libpg-query'
import type { Expr } from '../ir/expr.js'
import type { FromItem, Select } from '../ir/select.js'

/** What the converters of single constructs call for the parts below them. */
export interface Converter {
  expr(node: Node | undefined): Expr
  optional(node: Node | undefined): Expr | null
  exprs(nodes: readonly Node[] | undefined): readonly Expr[]
  select(statement: SelectStmt): Select
  fromItem(node: Node): FromItem
}
