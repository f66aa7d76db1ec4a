import type { Expr, ExprKind, ExprOf } from '../ir/expr.js'
import type { Select, SortKey } from '../ir/select.js'

/** What becomes of the direct children of a node. */
export interface ChildMapper {
  expr(expr: Expr): Expr
  select(select: Select): Select
}

type Mappers = { readonly [Kind in ExprKind]: (expr: ExprOf<Kind>, to: ChildMapper) => Expr }

function leaf<T extends Expr>(expr: T): T {
  return expr
}

const mappers: Mappers = {
  and: (expr, to) => ({ ...expr, operands: expr.operands.map(to.expr) }),
  array: (expr, to) => ({ ...expr, elements: expr.elements.map(to.expr) }),
  'array-quantified': (expr, to) => ({
    ...expr,
    left: to.expr(expr.left),
    array: to.expr(expr.array),
  }),
  between: (expr, to) => ({
    ...expr,
    operand: to.expr(expr.operand),
    low: to.expr(expr.low),
    high: to.expr(expr.high),
  }),
  'boolean-test': (expr, to) => ({ ...expr, operand: to.expr(expr.operand) }),
  'bound-column': leaf,
  'bound-output': leaf,
  'bound-row': leaf,
  call: (expr, to) => ({
    ...expr,
    args: expr.args.map((argument) => ({ ...argument, value: to.expr(argument.value) })),
    aggregate:
      expr.aggregate === null
        ? null
        : {
            ...expr.aggregate,
            orderBy: mapSortKeys(expr.aggregate.orderBy, to),
            filter: optional(expr.aggregate.filter, to),
          },
  }),
  case: (expr, to) => ({
    ...expr,
    operand: optional(expr.operand, to),
    branches: expr.branches.map(({ when, result }) => ({
      when: to.expr(when),
      result: to.expr(result),
    })),
    otherwise: optional(expr.otherwise, to),
  }),
  cast: (expr, to) => ({ ...expr, operand: to.expr(expr.operand) }),
  coalesce: (expr, to) => ({ ...expr, operands: expr.operands.map(to.expr) }),
  collate: (expr, to) => ({ ...expr, operand: to.expr(expr.operand) }),
  column: leaf,
  'distinct-test': (expr, to) => ({
    ...expr,
    left: to.expr(expr.left),
    right: to.expr(expr.right),
  }),
  extremum: (expr, to) => ({ ...expr, operands: expr.operands.map(to.expr) }),
  field: (expr, to) => ({ ...expr, operand: to.expr(expr.operand) }),
  'field-star': (expr, to) => ({ ...expr, operand: to.expr(expr.operand) }),
  'in-list': (expr, to) => ({
    ...expr,
    operand: to.expr(expr.operand),
    items: expr.items.map(to.expr),
  }),
  literal: leaf,
  not: (expr, to) => ({ ...expr, operand: to.expr(expr.operand) }),
  'null-test': (expr, to) => ({ ...expr, operand: to.expr(expr.operand) }),
  nullif: (expr, to) => ({ ...expr, left: to.expr(expr.left), right: to.expr(expr.right) }),
  opaque: leaf,
  operator: (expr, to) => ({
    ...expr,
    left: optional(expr.left, to),
    right: to.expr(expr.right),
  }),
  or: (expr, to) => ({ ...expr, operands: expr.operands.map(to.expr) }),
  parameter: leaf,
  'pattern-test': (expr, to) => ({
    ...expr,
    operand: to.expr(expr.operand),
    pattern: to.expr(expr.pattern),
    escape: optional(expr.escape, to),
  }),
  row: (expr, to) => ({ ...expr, elements: expr.elements.map(to.expr) }),
  'sql-value': leaf,
  star: leaf,
  subquery: (expr, to) => ({ ...expr, select: to.select(expr.select) }),
  'subquery-quantified': (expr, to) => ({
    ...expr,
    left: to.expr(expr.left),
    select: to.select(expr.select),
  }),
  subscript: (expr, to) => ({
    ...expr,
    operand: to.expr(expr.operand),
    indices: expr.indices.map(({ slice, lower, upper }) => ({
      slice,
      lower: optional(lower, to),
      upper: optional(upper, to),
    })),
  }),
}

/** A copy of an expression whose direct children were replaced. */
export function mapExpr(expr: Expr, to: ChildMapper): Expr {
  const mapper = mappers[expr.kind] as (expr: Expr, to: ChildMapper) => Expr
  return mapper(expr, to)
}

/** Sort keys whose expressions were replaced. */
export function mapSortKeys(keys: readonly SortKey[], to: ChildMapper): readonly SortKey[] {
  return keys.map((key) => ({ ...key, value: to.expr(key.value) }))
}

/** The replacement of a child that may be missing. */
export function optional(expr: Expr | null, to: ChildMapper): Expr | null {
  return expr === null ? null : to.expr(expr)
}
