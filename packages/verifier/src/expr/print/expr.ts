import { emptySql, ident, integer, joinSql, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Case, ColumnRef, Expr, ExprKind, ExprOf, Star } from '../ir/expr.js'
import { printCall, printSqlValue } from './call.js'
import { printLiteral } from './literal.js'
import { printName, printOperator, printType } from './names.js'
import type { Printer } from './printer.js'

type Printers = { readonly [Kind in ExprKind]: (expr: ExprOf<Kind>, to: Printer) => Sql }

const printers: Printers = {
  and: ({ operands }, to) => joinSql(operands.map(to.operand), ' AND '),
  array: ({ elements }, to) => sql`ARRAY[${to.list(elements)}]`,
  'array-quantified': ({ left, operator, quantifier, array }, to) =>
    sql`${to.operand(left)} ${printOperator(operator)} ${quantified(quantifier)} (${to.expr(array)})`,
  between: ({ operand, low, high, symmetric, negated }, to) =>
    sql`${to.operand(operand)} ${not(negated)}BETWEEN ${symmetric ? sql`SYMMETRIC ` : emptySql}${to.operand(low)} AND ${to.operand(high)}`,
  'boolean-test': ({ operand, value, negated }, to) =>
    sql`${to.operand(operand)} IS ${not(negated)}${trustedSql(value.toUpperCase())}`,
  'bound-column': ({ written }) => reference(written),
  'bound-output': ({ written }) => reference(written),
  'bound-row': ({ written }) => reference(written),
  call: printCall,
  case: printCase,
  cast: ({ operand, type }, to) => sql`${to.operand(operand)}::${printType(type)}`,
  coalesce: ({ operands }, to) => sql`COALESCE(${to.list(operands)})`,
  collate: ({ operand, collation }, to) =>
    sql`${to.operand(operand)} COLLATE ${printName(collation)}`,
  column: reference,
  'distinct-test': ({ left, right, negated }, to) =>
    sql`${to.operand(left)} IS ${not(negated)}DISTINCT FROM ${to.operand(right)}`,
  extremum: ({ which, operands }, to) =>
    sql`${trustedSql(which.toUpperCase())}(${to.list(operands)})`,
  field: ({ operand, name }, to) => sql`(${to.expr(operand)}).${ident(name)}`,
  'field-star': ({ operand }, to) => sql`(${to.expr(operand)}).*`,
  'in-list': ({ operand, items, negated }, to) =>
    sql`${to.operand(operand)} ${not(negated)}IN (${to.list(items)})`,
  literal: printLiteral,
  not: ({ operand }, to) => sql`NOT ${to.operand(operand)}`,
  'null-test': ({ operand, negated }, to) => sql`${to.operand(operand)} IS ${not(negated)}NULL`,
  nullif: ({ left, right }, to) => sql`NULLIF(${to.list([left, right])})`,
  opaque: ({ text }) => trustedSql(text),
  operator: ({ operator, left, right }, to) => {
    const before = left === null ? emptySql : sql`${to.operand(left)} `
    return sql`${before}${printOperator(operator)} ${to.operand(right)}`
  },
  or: ({ operands }, to) => joinSql(operands.map(to.operand), ' OR '),
  parameter: ({ number, name, written }) => {
    if (written !== null) return reference(written)
    return number === null ? ident(name ?? '') : sql`$${integer(number)}`
  },
  'pattern-test': ({ form, operand, pattern, escape, negated }, to) => {
    const word = form === 'similar' ? sql`SIMILAR TO` : trustedSql(form.toUpperCase())
    const escaping = escape === null ? emptySql : sql` ESCAPE ${to.operand(escape)}`
    return sql`${to.operand(operand)} ${not(negated)}${word} ${to.operand(pattern)}${escaping}`
  },
  row: ({ elements, explicit }, to) => sql`${explicit ? sql`ROW` : emptySql}(${to.list(elements)})`,
  'sql-value': printSqlValue,
  star: reference,
  subquery: ({ form, select }, to) => {
    const word = { scalar: emptySql, exists: sql`EXISTS `, array: sql`ARRAY` }[form]
    return sql`${word}(${to.select(select)})`
  },
  'subquery-quantified': ({ left, operator, quantifier, select }, to) => {
    const word =
      operator === null ? sql`IN` : sql`${printOperator(operator)} ${quantified(quantifier)}`
    return sql`${to.operand(left)} ${word} (${to.select(select)})`
  },
  subscript: ({ operand, indices }, to) => {
    const optional = (bound: Expr | null): Sql => (bound === null ? emptySql : to.operand(bound))
    const steps = indices.map(({ slice, lower, upper }) =>
      slice ? sql`[${optional(lower)} : ${optional(upper)}]` : sql`[${optional(upper)}]`,
    )
    return sql`(${to.expr(operand)})${joinSql(steps, '')}`
  },
}

/** The text of one expression; operands come from `to`. */
export function printExpr(expr: Expr, to: Printer): Sql {
  const printer = printers[expr.kind] as (expr: Expr, to: Printer) => Sql
  return printer(expr, to)
}

function reference(written: ColumnRef | Star): Sql {
  const last = written.kind === 'star' ? sql`*` : ident(written.name)
  return joinSql([...written.qualifier.map(ident), last], '.')
}

function printCase({ operand, branches, otherwise }: Case, to: Printer): Sql {
  return joinSql(
    [
      sql`CASE`,
      ...(operand === null ? [] : [to.operand(operand)]),
      ...branches.map(
        ({ when, result }) => sql`WHEN ${to.operand(when)} THEN ${to.operand(result)}`,
      ),
      ...(otherwise === null ? [] : [sql`ELSE ${to.operand(otherwise)}`]),
      sql`END`,
    ],
    ' ',
  )
}

function not(negated: boolean): Sql {
  return negated ? sql`NOT ` : emptySql
}

function quantified(quantifier: 'any' | 'all'): Sql {
  return quantifier === 'any' ? sql`ANY` : sql`ALL`
}
