import type { Expr, ExprOf } from '../../expr/index.js'
import { and, apply, not, or } from '../terms/term.js'
import { castTo } from './cast.js'
import { compare, comparisons, hasPlainEquality, strictFails } from './compare.js'
import { approximated, freeBool } from './encoding.js'
import type { Encode, Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { elementType } from './sql-type.js'
import { subqueryTest } from './subquery.js'
import { bool, conjunction, disjunction, isPresent } from './value.js'
import type { Value } from './value.js'

/** `left operator ANY | ALL (array)`. */
export function arrayTest(
  expr: ExprOf<'array-quantified'>,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Value {
  const { quantifier, operator, array } = expr
  const inner = uncast(array)
  if (inner.kind === 'subquery' && inner.form === 'array' && inner === array) {
    return subqueryTest(
      { kind: 'subquery-quantified', quantifier, operator, left: expr.left, select: inner.select },
      encoding,
      frame,
      encode,
    )
  }
  const left = encode(expr.left, encoding, frame)
  let values = encode(array, encoding, frame)
  if (values.type === 'literal') values = castTo(encoding, values, `array:${left.type}`)
  const { items } = values
  if (!comparisons.has(operator.name) || (operator.schema ?? 'pg_catalog') !== 'pg_catalog') {
    return approximated(
      encoding,
      'bool',
      `${operator.name} ${quantifier.toUpperCase()} of an array`,
    )
  }
  if (items !== undefined) {
    const tests = items.map((item) => compare(encoding, operator.name, left, item))
    const result = quantifier === 'any' ? disjunction(tests) : conjunction(tests)
    return bool(
      result.term,
      or(result.isNull, and(values.isNull, not(result.term))),
      and(or(result.fails, values.fails), not(left.isNull)),
    )
  }
  const element = elementType(values.type)
  if (operator.name !== '=' || quantifier !== 'any' || element === undefined) {
    return approximated(
      encoding,
      'bool',
      `${operator.name} ${quantifier.toUpperCase()} of an array`,
    )
  }
  const typed = left.type === 'literal' ? castTo(encoding, left, element) : left
  if (typed.type !== element || !hasPlainEquality(typed)) {
    return approximated(encoding, 'bool', `= ANY of ${values.type} and ${typed.type}`)
  }
  const found = and(
    values.contains?.(typed) ?? apply('in array', 'bool', [values.term, typed.term]),
    isPresent(typed),
    isPresent(values),
  )
  // Not found, the answer is NULL when the array or one of its elements is.
  const isNull = and(not(found), freeBool(encoding, 'an element is null').term)
  return bool(found, isNull, strictFails([typed, values]))
}

function uncast(expr: Expr): Expr {
  return expr.kind === 'cast' ? uncast(expr.operand) : expr
}
