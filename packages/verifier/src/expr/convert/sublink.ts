import type { SubLink } from 'libpg-query'
import type { Expr } from '../ir/expr.js'
import type { Converter } from './converter.js'
import { qualifiedNameOf, raw, required } from './node.js'
import { unmodelled } from './unmodelled.js'

/** Every form of a sub-query in an expression. */
export function convertSublink(link: SubLink, to: Converter): Expr {
  const select = to.select(raw(link.subselect, 'SelectStmt'))
  const type = required(link.subLinkType)
  switch (type) {
    case 'EXISTS_SUBLINK':
      return { kind: 'subquery', form: 'exists', select }
    case 'EXPR_SUBLINK':
      return { kind: 'subquery', form: 'scalar', select }
    case 'ARRAY_SUBLINK':
      return { kind: 'subquery', form: 'array', select }
    case 'ANY_SUBLINK':
    case 'ALL_SUBLINK':
      return {
        kind: 'subquery-quantified',
        quantifier: type === 'ANY_SUBLINK' ? 'any' : 'all',
        operator: link.operName === undefined ? null : qualifiedNameOf(link.operName),
        left: to.expr(link.testexpr),
        select,
      }
    default:
      return unmodelled('a form of sub-query')
  }
}
