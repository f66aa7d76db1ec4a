import type { Expr, ExprKind, ExprOf } from '../../expr/index.js'
import { and, choose, falsity, not, number, or, text, truth } from '../terms/term.js'
import { eitherArray } from './array-elements.js'
import { arrayTest } from './array-test.js'
import { encodeCall } from './call.js'
import { encodeBoolean } from './boolean.js'
import { castTo, unified } from './cast.js'
import { compare, isDistinct } from './compare.js'
import { approximated, blocked, remembered } from './encoding.js'
import type { Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { objectName } from '../../graph/object-name.js'
import { encodeOperator } from './operator.js'
import { isFiltered } from './policies.js'
import { columnOf } from './row.js'
import { castType } from './sql-type.js'
import { now } from './statement-time.js'
import { subqueryTest, subqueryValue } from './subquery.js'
import { noteTemporaryType } from './temporary-type.js'
import { bool, conjunction, disjunction, isTrue, negation, nullValue, present } from './value.js'
import type { SqlType, Value } from './value.js'

type Encoder<Kind extends ExprKind> = (
  expr: ExprOf<Kind>,
  encoding: Encoding,
  frame: Frame,
) => Value

/** Encodes an expression whose names are resolved. */
export function encode(expr: Expr, encoding: Encoding, frame: Frame): Value {
  const encoder = encoders[expr.kind] as (e: Expr, encoding: Encoding, frame: Frame) => Value
  return encoder(expr, encoding, frame)
}

const encoders: { readonly [Kind in ExprKind]: Encoder<Kind> } = {
  column: (expr, encoding) =>
    blocked(encoding, 'other:unresolved', `the name ${expr.name}, which cannot be resolved`),
  star: (_, encoding) => approximated(encoding, 'other:row', 'a whole row'),
  'bound-column': ({ occurrence, column }, encoding, frame) => {
    const source = frame.sources.get(occurrence)
    if (source?.kind === 'row') {
      const index = source.columns?.indexOf(column) ?? -1
      const name = index < 0 ? column : (source.row.relation.columns[index]?.name ?? column)
      const value = columnOf(encoding, source.row, name)
      if (value !== undefined) return value
    }
    if (source?.kind === 'columns') {
      const value = source.values[source.names.indexOf(column)]
      if (value !== undefined) return value
    }
    return approximated(encoding, 'other:column', `the column ${column}`)
  },
  'bound-row': (_, encoding) => approximated(encoding, 'other:row', 'a whole row'),
  'bound-output': (_, encoding) => approximated(encoding, 'other:output', 'an output name'),
  parameter: ({ number: position, name }, encoding, frame) => {
    const value = position === null ? frame.arguments.get(name ?? '') : frame.numbered[position - 1]
    return value ?? blocked(encoding, 'other:parameter', `the parameter ${name ?? `$${position}`}`)
  },
  literal: (expr, encoding) => {
    switch (expr.type) {
      case 'null':
        return nullValue
      case 'boolean':
        return bool(expr.value ? truth : falsity)
      case 'integer':
        return present('int', number(String(expr.value)))
      case 'string':
        return { ...present('literal', text(expr.value)), raw: expr.value }
      case 'numeric':
        return /^\d{1,18}$/.test(expr.value)
          ? present('int', number(expr.value))
          : approximated(encoding, 'other:numeric', 'a numeric constant')
      case 'bits':
        return approximated(encoding, 'other:bit', 'a bit string')
    }
  },
  cast: ({ operand, type }, encoding, frame) => {
    noteTemporaryType(encoding, frame, type)
    return castTo(
      encoding,
      encode(operand, encoding, frame),
      castType(type, encoding.subject.catalog),
    )
  },
  and: ({ operands }, encoding, frame) => conjunction(booleans(operands, encoding, frame)),
  or: ({ operands }, encoding, frame) => disjunction(booleans(operands, encoding, frame)),
  not: ({ operand }, encoding, frame) => {
    const before = encoding.rows.length
    const value = encodeBoolean(operand, encoding, frame)
    const isSearch = operand.kind === 'subquery' || operand.kind === 'subquery-quantified'
    const hidden =
      isSearch &&
      encoding.rows
        .slice(before)
        .find(({ relation }) => isFiltered(encoding.subject, frame.role, relation))
    if (hidden) {
      encoding.blockers.add(
        `that no row is found in ${objectName(hidden.relation)}, whose own policies may hide the row that should be found`,
      )
    }
    return negation(value)
  },
  'null-test': ({ operand, negated }, encoding, frame) => {
    const value = encode(operand, encoding, frame)
    if (value.type.startsWith('other:')) {
      return approximated(encoding, 'bool', `a NULL test of ${value.type}`)
    }
    return bool(negated ? not(value.isNull) : value.isNull, falsity, value.fails)
  },
  'boolean-test': ({ operand, value: wanted, negated }, encoding, frame) => {
    const value = encodeBoolean(operand, encoding, frame)
    const holds =
      wanted === 'unknown'
        ? value.isNull
        : and(not(value.isNull), wanted === 'true' ? value.term : not(value.term))
    return bool(negated ? not(holds) : holds, falsity, value.fails)
  },
  'distinct-test': ({ left, right, negated }, encoding, frame) => {
    const distinct = isDistinct(
      encoding,
      encode(left, encoding, frame),
      encode(right, encoding, frame),
    )
    return negated ? negation(distinct) : distinct
  },
  operator: (expr, encoding, frame) => encodeOperator(expr, encoding, frame, encode),
  'pattern-test': ({ operand, pattern, form }, encoding, frame) => {
    encode(operand, encoding, frame)
    encode(pattern, encoding, frame)
    return approximated(encoding, 'bool', `a ${form.toUpperCase()} pattern`)
  },
  between: ({ operand, low, high, symmetric, negated }, encoding, frame) => {
    const [value, from, to] = [operand, low, high].map((part) => encode(part, encoding, frame))
    if (symmetric || value === undefined || from === undefined || to === undefined) {
      return approximated(encoding, 'bool', 'BETWEEN SYMMETRIC')
    }
    const inside = conjunction([
      compare(encoding, '>=', value, from),
      compare(encoding, '<=', value, to),
    ])
    return negated ? negation(inside) : inside
  },
  'in-list': ({ operand, items, negated }, encoding, frame) => {
    const value = encode(operand, encoding, frame)
    const found = disjunction(
      items.map((item) => compare(encoding, '=', value, encode(item, encoding, frame))),
    )
    return negated ? negation(found) : found
  },
  'array-quantified': (expr, encoding, frame) => arrayTest(expr, encoding, frame, encode),
  array: ({ elements }, encoding, frame) => {
    const items = elements.map((element) => encode(element, encoding, frame))
    const type: SqlType =
      items.find(({ type: t }) => t !== 'null' && t !== 'literal')?.type ?? 'text'
    const typed = items.map((item) => (item.type === type ? item : castTo(encoding, item, type)))
    return {
      ...present(`array:${type}`, encoding.constant('an array', 'int')),
      items: typed,
      fails: or(...typed.map(({ fails }) => fails)),
    }
  },
  row: (_, encoding) => approximated(encoding, 'other:row', 'a row value'),
  case: ({ operand, branches, otherwise }, encoding, frame) => {
    const subject = operand && encode(operand, encoding, frame)
    const tests = branches.map(({ when }) => {
      const value = encode(when, encoding, frame)
      return subject === null
        ? castTo(encoding, value, 'bool')
        : compare(encoding, '=', subject, value)
    })
    const results = branches.map(({ result }) => encode(result, encoding, frame))
    const last = otherwise === null ? nullValue : encode(otherwise, encoding, frame)
    const typed = oneType(encoding, [...results, last])
    return typed.slice(0, -1).reduceRight(
      (rest, result, index) => {
        const test = tests[index] ?? nullValue
        const chosen = eitherArray(encoding, isTrue(test), result, rest)
        return { ...chosen, fails: or(test.fails, chosen.fails) }
      },
      typed.at(-1) ?? nullValue,
    )
  },
  coalesce: ({ operands }, encoding, frame) => {
    const values = oneType(
      encoding,
      operands.map((operand) => encode(operand, encoding, frame)),
    )
    return values.reduceRight((rest, value) => {
      const chosen = eitherArray(encoding, not(value.isNull), value, rest)
      return { ...chosen, fails: choose(value.fails, truth, chosen.fails) }
    })
  },
  nullif: ({ left, right }, encoding, frame) => {
    const [a, b] = unified(encoding, encode(left, encoding, frame), encode(right, encoding, frame))
    const equal = compare(encoding, '=', a, b)
    const { raw: _raw, items: _items, contains: _contains, ...value } = a
    return { ...value, isNull: or(a.isNull, isTrue(equal)), fails: or(a.fails, equal.fails) }
  },
  extremum: ({ which, operands }, encoding, frame) => {
    for (const operand of operands) encode(operand, encoding, frame)
    return approximated(encoding, 'other:extremum', which.toUpperCase())
  },
  call: (expr, encoding, frame) => encodeCall(expr, encoding, frame, encode),
  'sql-value': ({ name }, encoding, frame) => {
    switch (name) {
      case 'current_user':
      case 'current_role':
      case 'user':
        return present('name', text(frame.caller))
      case 'session_user':
        return remembered(encoding, 'session_user', () =>
          present('name', encoding.constant('session_user', 'int')),
        )
      case 'current_timestamp':
        return now(encoding)
      default:
        return approximated(encoding, `other:${name}`, name.toUpperCase())
    }
  },
  subquery: (expr, encoding, frame) => subqueryValue(expr, encoding, frame, encode),
  'subquery-quantified': (expr, encoding, frame) => subqueryTest(expr, encoding, frame, encode),
  subscript: (_, encoding) => approximated(encoding, 'other:element', 'an array element'),
  field: ({ operand, name }, encoding, frame) =>
    encode(operand, encoding, frame).fields?.get(name) ??
    approximated(encoding, 'other:field', 'a field of a row value'),
  'field-star': (_, encoding) => approximated(encoding, 'other:row', 'a whole row'),
  collate: ({ operand, collation }, encoding, frame) => {
    const value = encode(operand, encoding, frame)
    const isBuiltin = (collation.schema ?? 'pg_catalog') === 'pg_catalog'
    if (isBuiltin && ['C', 'POSIX', 'default', 'ucs_basic'].includes(collation.name)) return value
    return approximated(
      encoding,
      `other:text in collation ${collation.name}`,
      `the collation ${collation.name}`,
    )
  },
  opaque: ({ reason }, encoding) => blocked(encoding, 'other:opaque', reason),
}

function booleans(operands: readonly Expr[], encoding: Encoding, frame: Frame): readonly Value[] {
  return operands.map((operand) => encodeBoolean(operand, encoding, frame))
}

/** String constants take the type of the others; results of different types are not modelled. */
function oneType(encoding: Encoding, values: readonly Value[]): readonly Value[] {
  const types = new Set(
    values.map(({ type }) => type).filter((type) => type !== 'null' && type !== 'literal'),
  )
  const [only, ...more] = types
  if (more.length > 0) {
    return values.map(() => approximated(encoding, 'other:mixed', 'results of different types'))
  }
  const type = only ?? 'text'
  return values.map((value) => castTo(encoding, value, type))
}
