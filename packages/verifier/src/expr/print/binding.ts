import type { Expr, ExprKind } from '../ir/expr.js'

const tight: Readonly<Record<ExprKind, boolean>> = {
  and: false,
  array: true,
  'array-quantified': false,
  between: false,
  'boolean-test': false,
  'bound-column': true,
  'bound-output': true,
  'bound-row': true,
  call: true,
  case: true,
  cast: true,
  coalesce: true,
  collate: false,
  column: true,
  'distinct-test': false,
  extremum: true,
  field: true,
  'field-star': true,
  'in-list': false,
  literal: true,
  not: false,
  'null-test': false,
  nullif: true,
  opaque: false,
  operator: false,
  or: false,
  parameter: true,
  'pattern-test': false,
  row: true,
  'sql-value': true,
  star: true,
  subquery: true,
  'subquery-quantified': false,
  subscript: true,
}

/** Whether an expression needs no parentheses as an operand of any operator or cast. */
export function bindsTightly(expr: Expr): boolean {
  if (expr.kind === 'call') return !expr.standardSyntax
  if (expr.kind === 'literal') return !String(expr.value).startsWith('-')
  return tight[expr.kind]
}
