import { isAggregateCall, mapExpr } from '../../expr/index.js'
import type { Call, Expr, PlainSelect, Select } from '../../expr/index.js'
import { and, atMost, implies, less, not, number, or } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { arrayOfQuery } from './array-elements.js'
import { compare } from './compare.js'
import { noteEffects } from './effects.js'
import { approximated, free, freeBool } from './encoding.js'
import type { Encode, Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { isTrue, present } from './value.js'
import type { Value } from './value.js'

/**
 * The value of `SELECT … aggregate(x) … FROM …` without GROUP BY, which always has one row; undefined
 * for other queries.
 */
export function aggregatedValue(
  select: Select,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Value | undefined {
  if (select.kind !== 'select' || select.groupBy.length > 0 || select.having !== null) {
    return undefined
  }
  const [target, ...more] = select.targets
  const isLimited = select.limit !== null || select.offset !== null
  if (target === undefined || more.length > 0 || select.recursive || isLimited) return undefined
  const values = new Map<string, Value>()
  const replace = (expr: Expr): Expr => {
    if (!isAggregateCall(expr)) return withoutAggregates(expr)
    const name = `aggregate ${values.size}`
    values.set(name, aggregateOf(expr, select, encoding, frame, encode))
    return { kind: 'parameter', number: null, name, written: null }
  }
  const withoutAggregates = (expr: Expr): Expr =>
    mapExpr(expr, { expr: replace, select: (inner) => inner })
  const value = replace(target.value)
  if (values.size === 0) return undefined
  return encode(value, encoding, {
    ...frame,
    arguments: new Map([...frame.arguments, ...values]),
  })
}

function aggregateOf(
  call: Call,
  select: PlainSelect,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Value {
  const { schema, name } = call.function
  const argument: Expr = call.args[0]?.value ?? { kind: 'literal', type: 'boolean', value: true }
  const of: PlainSelect = { ...select, targets: [{ value: argument, alias: null }] }
  const inner = (): Frame => ({ ...frame, sources: new Map(frame.sources) })
  const { filter = null, orderBy = [] } = call.aggregate ?? {}
  const beside = [...call.args.slice(1), ...orderBy].map((each) => each.value)
  for (const expr of filter === null ? beside : [...beside, filter]) {
    noteEffects(expr, encoding, inner(), encode)
  }
  if ((schema ?? 'pg_catalog') !== 'pg_catalog') {
    return approximated(encoding, 'other:aggregate', `the aggregate ${name}()`)
  }
  if (name === 'array_agg') {
    const array = arrayOfQuery(of, encoding, frame, encode)
    return array ?? approximated(encoding, 'other:aggregate', 'array_agg()')
  }
  const match = encoding.encoders.matchRow(of, encoding, inner(), encode)
  const found = match?.targets[0]
  if (match === undefined || found === undefined) {
    return approximated(encoding, 'other:aggregate', `the aggregate ${name}()`)
  }
  encoding.gaps.add(`the aggregate ${name}()`)
  switch (name) {
    case 'count': {
      const count = encoding.constant('a count', 'int')
      encoding.facts.push(atMost(number('0'), count))
      encoding.facts.push(implies(less(number('0'), count), match.holds))
      return present('int', count)
    }
    case 'bool_or':
    case 'bool_and':
    case 'every':
      return someRow(encoding, match.holds, (value) => implies(value.term, isTrue(found)), found)
    case 'max':
    case 'min':
    case 'any_value':
      return someRow(
        encoding,
        match.holds,
        (value) => isTrue(compare(encoding, '=', value, found)),
        found,
      )
    default:
      return approximated(encoding, 'other:aggregate', `the aggregate ${name}()`)
  }
}

/** A value that comes from some row, NULL without one. */
function someRow(
  encoding: Encoding,
  holds: Term,
  relates: (value: Value) => Term,
  { type }: Value,
): Value {
  const value = free(encoding, type, 'an aggregate')
  const some = freeBool(encoding, 'a row is aggregated').term
  encoding.facts.push(implies(some, and(holds, relates({ ...value, isNull: not(some) }))))
  return { ...value, isNull: or(value.isNull, not(some)) }
}
