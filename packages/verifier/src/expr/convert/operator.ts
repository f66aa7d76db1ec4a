import type { A_Expr, A_Expr_Kind, Node } from 'libpg-query'
import type { Between, Expr, PatternTest } from '../ir/expr.js'
import type { Converter } from './converter.js'
import { qualifiedNameOf, raw, rawIf, required, stringsOf } from './node.js'
import { unmodelled } from './unmodelled.js'

type Form = (expr: A_Expr, to: Converter) => Expr

const forms: Readonly<Record<A_Expr_Kind, Form>> = {
  AEXPR_OP: (expr, to) => ({
    kind: 'operator',
    operator: qualifiedNameOf(expr.name),
    left: to.optional(expr.lexpr),
    right: to.expr(expr.rexpr),
  }),
  AEXPR_OP_ANY: quantified('any'),
  AEXPR_OP_ALL: quantified('all'),
  AEXPR_DISTINCT: distinct(false),
  AEXPR_NOT_DISTINCT: distinct(true),
  AEXPR_NULLIF: (expr, to) => ({
    kind: 'nullif',
    left: to.expr(expr.lexpr),
    right: to.expr(expr.rexpr),
  }),
  AEXPR_IN: (expr, to) => ({
    kind: 'in-list',
    operand: to.expr(expr.lexpr),
    items: to.exprs(raw(expr.rexpr, 'List').items),
    negated: isNegated(expr, '=', '<>'),
  }),
  AEXPR_LIKE: pattern('like', '~~', '!~~'),
  AEXPR_ILIKE: pattern('ilike', '~~*', '!~~*'),
  AEXPR_SIMILAR: pattern('similar', '~', '!~'),
  AEXPR_BETWEEN: between({ negated: false, symmetric: false }),
  AEXPR_NOT_BETWEEN: between({ negated: true, symmetric: false }),
  AEXPR_BETWEEN_SYM: between({ negated: false, symmetric: true }),
  AEXPR_NOT_BETWEEN_SYM: between({ negated: true, symmetric: true }),
}

/** Operators and the constructs that PostgreSQL's grammar turns into operators. */
export function convertOperator(expr: A_Expr, to: Converter): Expr {
  return forms[required(expr.kind)](expr, to)
}

function quantified(quantifier: 'any' | 'all'): Form {
  return (expr, to) => ({
    kind: 'array-quantified',
    quantifier,
    operator: qualifiedNameOf(expr.name),
    left: to.expr(expr.lexpr),
    array: to.expr(expr.rexpr),
  })
}

function distinct(negated: boolean): Form {
  return (expr, to) => ({
    kind: 'distinct-test',
    left: to.expr(expr.lexpr),
    right: to.expr(expr.rexpr),
    negated,
  })
}

function between(how: Pick<Between, 'negated' | 'symmetric'>): Form {
  return (expr, to) => {
    const [low, high] = raw(expr.rexpr, 'List').items ?? []
    return {
      kind: 'between',
      operand: to.expr(expr.lexpr),
      low: to.expr(low),
      high: to.expr(high),
      ...how,
    }
  }
}

function pattern(form: PatternTest['form'], positive: string, negative: string): Form {
  const escaping = form === 'similar' ? 'similar_to_escape' : 'like_escape'
  return (expr, to) => {
    const escaped = escapedBy(escaping, expr.rexpr)
    return {
      kind: 'pattern-test',
      form,
      operand: to.expr(expr.lexpr),
      pattern: to.expr(escaped?.[0] ?? expr.rexpr),
      escape: to.optional(escaped?.[1]),
      negated: isNegated(expr, positive, negative),
    }
  }
}

/** The arguments of the function that the grammar puts around a pattern with ESCAPE. */
function escapedBy(name: string, node: Node | undefined): readonly Node[] | undefined {
  const call = rawIf(node, 'FuncCall')
  const [schema, called] = stringsOf(call?.funcname)
  return schema === 'pg_catalog' && called === name ? call?.args : undefined
}

function isNegated(expr: A_Expr, positive: string, negative: string): boolean {
  const [name] = stringsOf(expr.name)
  if (name === positive) return false
  return name === negative ? true : unmodelled('an operator')
}
