import type { Select } from '../../expr/index.js'
import { and, apply, choose, falsity, implies, or } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { castTo } from './cast.js'
import { compare, hasPlainEquality } from './compare.js'
import { free, freeBool } from './encoding.js'
import type { Encode, Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { elementType } from './sql-type.js'
import { either, isPresent, isTrue } from './value.js'
import type { SqlType, Value } from './value.js'

/** Whether an array has an element; undefined where not even equality is modelled. */
export function isElement(encoding: Encoding, array: Value, element: Value): Term | undefined {
  if (array.type === 'null') return falsity
  const type = elementType(array.type)
  if (type === undefined) return undefined
  const typed = element.type === type ? element : castTo(encoding, element, type)
  if (!hasPlainEquality(typed)) return undefined
  const found =
    array.items === undefined
      ? (array.contains?.(typed) ?? apply('in array', 'bool', [array.term, typed.term]))
      : or(...array.items.map((item) => isTrue(compare(encoding, '=', typed, item))))
  return and(found, isPresent(typed), isPresent(array))
}

/** An array that is one or the other keeps what is known of the elements of both. */
export function eitherArray(encoding: Encoding, test: Term, yes: Value, no: Value): Value {
  const chosen = either(test, yes, no)
  if (!chosen.type.startsWith('array:')) return chosen
  const { items: _items, raw: _raw, ...rest } = chosen
  return {
    ...rest,
    contains: (element) =>
      choose(
        test,
        isElement(encoding, yes, element) ?? freeBool(encoding, 'an element').term,
        isElement(encoding, no, element) ?? freeBool(encoding, 'an element').term,
      ),
  }
}

/** The array of the values that a query finds: `ARRAY(SELECT …)`, `SELECT array_agg(…)`. */
export function arrayOfQuery(
  select: Select,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Value | undefined {
  const find = (): { holds: Term; value: Value } | undefined => {
    const inner: Frame = { ...frame, sources: new Map(frame.sources) }
    const match = encoding.encoders.matchRow(select, encoding, inner, encode)
    const [only, ...more] = match?.targets ?? []
    return match === undefined || only === undefined || more.length > 0
      ? undefined
      : { holds: match.holds, value: only }
  }
  const sample = find()
  if (sample === undefined) return undefined
  const type: SqlType = sample.value.type === 'literal' ? 'text' : sample.value.type
  return {
    ...free(encoding, `array:${type}`, 'an array of found values'),
    contains(element) {
      // Each element that is looked for may be in a row of its own.
      const row = find()
      const found = freeBool(encoding, 'a found value').term
      if (row === undefined) return found
      const equal = isTrue(compare(encoding, '=', castTo(encoding, row.value, type), element))
      encoding.facts.push(implies(found, and(row.holds, equal)))
      return found
    },
  }
}
