import type { ExprOf, Select } from '../../expr/index.js'
import { and, choose, falsity, implies, not, or, truth } from '../terms/term.js'
import { aggregatedValue } from './aggregate.js'
import { arrayOfQuery } from './array-elements.js'
import { compare, comparisons } from './compare.js'
import { approximated, freeBool } from './encoding.js'
import type { Encode, Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { bool, conjunction, isTrue } from './value.js'
import type { Value } from './value.js'

/** `EXISTS (…)`, `(SELECT …)` as a value, `ARRAY(SELECT …)`. */
export function subqueryValue(
  { form, select }: ExprOf<'subquery'>,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Value {
  if (form === 'scalar') return scalarValue(select, encoding, frame, encode)
  if (form === 'array') {
    const array = arrayOfQuery(select, encoding, frame, encode)
    return array === undefined
      ? approximated(encoding, 'array:other:value', 'ARRAY(SELECT …)')
      : { ...array, isNull: falsity }
  }
  const match = encoding.encoders.matchRow(select, encoding, frame, encode)
  if (match === undefined) return approximated(encoding, 'bool', 'an EXISTS that is not modelled')
  // What exists is one row; that none exists says nothing here, which only widens what is visible.
  const exists = freeBool(encoding, 'a row exists')
  encoding.facts.push(implies(exists.term, match.holds))
  return exists
}

/** The value of a query with one column: NULL without a row, else that of some row. */
export function scalarValue(
  select: Select,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Value {
  const aggregated = aggregatedValue(select, encoding, frame, encode)
  if (aggregated !== undefined) return aggregated
  const match = encoding.encoders.matchRow(select, encoding, frame, encode)
  const target = match?.targets[0]
  if (match === undefined || target === undefined || match.targets.length !== 1) {
    return approximated(encoding, 'other:subquery', 'a sub-select that is not modelled')
  }
  if (match.holds === truth && match.single) return target
  const some = freeBool(encoding, 'a row is found').term
  encoding.facts.push(implies(some, match.holds))
  return {
    type: target.type,
    term: target.term,
    isNull: or(not(some), target.isNull),
    fails: and(some, target.fails),
  }
}

/** `left operator ANY | ALL (SELECT …)`. */
export function subqueryTest(
  { quantifier, operator, left, select }: ExprOf<'subquery-quantified'>,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Value {
  const name = operator?.name ?? '='
  const isBuiltin = (operator?.schema ?? 'pg_catalog') === 'pg_catalog' && comparisons.has(name)
  const values = (left.kind === 'row' ? left.elements : [left]).map((element) =>
    encode(element, encoding, frame),
  )
  const match = encoding.encoders.matchRow(select, encoding, frame, encode)
  const isModelled = quantifier === 'any' && isBuiltin && match?.targets.length === values.length
  if (!isModelled || match === undefined || (values.length > 1 && name !== '=')) {
    return approximated(encoding, 'bool', `${name} ${quantifier.toUpperCase()} of a sub-select`)
  }
  const tests = values.map((value, index) =>
    compare(encoding, name, value, match.targets[index] ?? value),
  )
  const found = freeBool(encoding, 'a row is among them').term
  encoding.facts.push(implies(found, and(match.holds, isTrue(conjunction(tests)))))
  // Not found, the answer is NULL when something compared was.
  const isNull = and(not(found), freeBool(encoding, 'a comparison is null').term)
  // Without a row, what is compared is not looked at.
  const isLooked = freeBool(encoding, 'there are rows').term
  const fails = and(isLooked, not(found), or(...values.map((value) => value.fails)))
  return bool(found, choose(found, falsity, isNull), fails)
}
