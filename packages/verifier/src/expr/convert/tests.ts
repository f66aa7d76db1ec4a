import type { BooleanTest as RawBooleanTest, BoolExpr, BoolTestType } from 'libpg-query'
import type { CaseExpr, NullTest as RawNullTest } from 'libpg-query'
import type { BooleanTest, Case, Expr, NullTest } from '../ir/expr.js'
import type { Converter } from './converter.js'
import { raw, required } from './node.js'
import { unmodelled } from './unmodelled.js'

/** AND, OR and NOT. */
export function convertBoolean(expr: BoolExpr, to: Converter): Expr {
  const [first] = expr.args ?? []
  switch (required(expr.boolop)) {
    case 'AND_EXPR':
      return { kind: 'and', operands: to.exprs(expr.args) }
    case 'OR_EXPR':
      return { kind: 'or', operands: to.exprs(expr.args) }
    case 'NOT_EXPR':
      return { kind: 'not', operand: to.expr(first) }
    default:
      return unmodelled('a boolean operator')
  }
}

/** IS NULL and IS NOT NULL. */
export function convertNullTest(test: RawNullTest, to: Converter): NullTest {
  return {
    kind: 'null-test',
    operand: to.expr(test.arg),
    negated: required(test.nulltesttype) === 'IS_NOT_NULL',
  }
}

const booleanTests: Readonly<Record<BoolTestType, Pick<BooleanTest, 'value' | 'negated'>>> = {
  IS_TRUE: { value: 'true', negated: false },
  IS_NOT_TRUE: { value: 'true', negated: true },
  IS_FALSE: { value: 'false', negated: false },
  IS_NOT_FALSE: { value: 'false', negated: true },
  IS_UNKNOWN: { value: 'unknown', negated: false },
  IS_NOT_UNKNOWN: { value: 'unknown', negated: true },
}

/** IS TRUE and its relatives. */
export function convertBooleanTest(test: RawBooleanTest, to: Converter): BooleanTest {
  return {
    kind: 'boolean-test',
    operand: to.expr(test.arg),
    ...booleanTests[required(test.booltesttype)],
  }
}

/** Both forms of CASE. */
export function convertCase(expr: CaseExpr, to: Converter): Case {
  return {
    kind: 'case',
    operand: to.optional(expr.arg),
    branches: (expr.args ?? []).map((branch) => {
      const { expr: when, result } = raw(branch, 'CaseWhen')
      return { when: to.expr(when), result: to.expr(result) }
    }),
    otherwise: to.optional(expr.defresult),
  }
}
