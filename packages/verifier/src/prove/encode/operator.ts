import type { ExprOf } from '../../expr/index.js'
import type { Term } from '../terms/term.js'
import { and, or } from '../terms/term.js'
import { isElement } from './array-elements.js'
import { unified } from './cast.js'
import { compare, comparisons, strictFails } from './compare.js'
import { approximated, blocked } from './encoding.js'
import type { Encode, Encoding } from './encoding.js'
import type { Frame } from './frame.js'
import { jsonStep, jsonSteps, jsonText, pathOf } from './json.js'
import { bool, conjunction } from './value.js'
import type { SqlType, Value } from './value.js'

/** An operator call by name. */
export function encodeOperator(
  { operator, left: leftExpr, right: rightExpr }: ExprOf<'operator'>,
  encoding: Encoding,
  frame: Frame,
  encode: Encode,
): Value {
  const { schema, name } = operator
  const result = resultOf(name)
  if (schema !== null && schema !== 'pg_catalog') {
    return blocked(encoding, result, `the operator ${schema}.${name}`)
  }
  if (name === '=' && leftExpr?.kind === 'row' && rightExpr.kind === 'row') {
    const pairs = leftExpr.elements.map((element, index) => {
      const other = rightExpr.elements[index]
      const value = encode(element, encoding, frame)
      return other === undefined
        ? approximated(encoding, 'bool', 'rows of different length')
        : compare(encoding, '=', value, encode(other, encoding, frame))
    })
    return conjunction(pairs)
  }
  const right = encode(rightExpr, encoding, frame)
  if (name === '/' || name === '%' || name === '^') {
    encoding.blockers.add(`${name}, which fails on some rows of other tenants and so tells of them`)
  }
  if (leftExpr === null) return approximated(encoding, result, `the prefix operator ${name}`)
  const left = encode(leftExpr, encoding, frame)
  if (comparisons.has(name)) return compare(encoding, name, left, right)
  if (left.type === 'json') {
    const path = name === '#>' || name === '#>>' ? pathOf(right) : undefined
    if (path !== undefined) {
      const found = jsonSteps(left, path)
      return name === '#>' ? found : jsonText(found)
    }
    if ((name === '->' || name === '->>') && right.raw !== undefined) {
      const found = jsonStep(left, right.raw)
      return name === '->' ? found : jsonText(found)
    }
  }
  if (name === '+' || name === '-') {
    const [a, b] = unified(encoding, left, right)
    if (a.type === 'int' && b.type === 'int') {
      const term: Term = { kind: name === '+' ? 'plus' : 'minus', left: a.term, right: b.term }
      return { type: 'int', term, isNull: or(a.isNull, b.isNull), fails: strictFails([a, b]) }
    }
    if (a.type.startsWith('time:')) return approximated(encoding, a.type, `${name} of times`)
  }
  if (name === '<@' || name === '@>' || name === '&&') {
    const test = arrayOperator(name, left, right, encoding)
    if (test !== undefined) return test
  }
  if (left.type === 'text' && name === '||') {
    return approximated(encoding, 'text', `the operator ${name}`)
  }
  return approximated(encoding, result, `the operator ${name}`)
}

/** `<@`, `@>` and `&&` of an array whose elements are written out and another one. */
function arrayOperator(
  name: string,
  left: Value,
  right: Value,
  encoding: Encoding,
): Value | undefined {
  const isListFirst = name === '<@' || (name === '&&' && left.items !== undefined)
  const [list, array] = isListFirst ? [left, right] : [right, left]
  if (list.items === undefined || !array.type.startsWith('array:')) return undefined
  const tests = list.items.map((item) => isElement(encoding, array, item))
  const known = tests.filter((test) => test !== undefined)
  if (known.length < tests.length) return undefined
  const found = name === '&&' ? or(...known) : and(...known)
  return bool(found, or(left.isNull, right.isNull), strictFails([left, right]))
}

const booleanOperators: ReadonlySet<string> = new Set(
  '= <> != < > <= >= ~ ~* !~ !~* ~~ !~~ ~~* !~~* @> <@ && ? ?| ?& ^@ @@ @?'.split(' '),
)

function resultOf(name: string): SqlType {
  if (booleanOperators.has(name)) return 'bool'
  if (name === '->>' || name === '#>>') return 'text'
  return name === '->' || name === '#>' ? 'json' : 'other:operator'
}
