import { and, apply, eq, falsity, not, number, or, text, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { approximated, blocked, free } from './encoding.js'
import type { Encoding } from './encoding.js'
import { ownCast } from './own-meanings.js'
import { elementType } from './sql-type.js'
import { failure, isPresent, present } from './value.js'
import type { SqlType, Value } from './value.js'

/** Casts a value; what is not known to keep different values apart may become any value. */
export function castTo(encoding: Encoding, value: Value, target: SqlType): Value {
  if (value.type === target) return value
  if (value.type === 'null') return { ...free0(target), isNull: truth, fails: value.fails }
  if (value.type === 'literal') return constant(encoding, value.raw ?? '', target)
  const own = ownCast(encoding.subject.catalog, value.type, target)
  if (own !== undefined) {
    return blocked(encoding, target, `the cast from ${value.type} to ${target} by ${own}()`)
  }
  const element = elementType(target)
  if (value.items !== undefined && element !== undefined) {
    return {
      ...value,
      type: target,
      items: value.items.map((item) => castTo(encoding, item, element)),
    }
  }
  const held = elementType(value.type)
  if (value.contains !== undefined && element !== undefined && held !== undefined) {
    return { ...value, type: target, contains: containsCast(encoding, value, held, element) }
  }
  if (element !== undefined) {
    const list = listFrom(encoding, value, target, element)
    if (list !== undefined) return list
  }
  const [from, to] = [kindOf(value.type), kindOf(target)]
  if (from === 'text' && value.raw !== undefined && to !== 'text') {
    return constant(encoding, value.raw, target)
  }
  if (from === 'name' && to === 'text') return { ...value, type: target }
  if (from === 'text' && (to === 'uuid' || to === 'int' || to === 'json' || to === 'enum')) {
    return fromText(encoding, value, target, to)
  }
  if ((from === 'uuid' || from === 'int') && to === 'text') return toText(encoding, value, from)
  if (from === 'enum' && to === 'text') return { ...value, type: target }
  return approximated(encoding, target, `a cast from ${value.type} to ${target}`)
}

/** Whether some element of an array is the sought value after a cast. */
function containsCast(
  encoding: Encoding,
  { contains }: Value,
  held: SqlType,
  target: SqlType,
): (sought: Value) => Term {
  return (sought) => {
    const element = { ...free(encoding, held, 'an element'), isNull: falsity }
    const cast = castTo(encoding, element, target)
    const isSame = cast.type === sought.type ? eq(cast.term, sought.term) : truth
    return and(contains?.(element) ?? truth, isPresent(cast), isSame)
  }
}

function free0(type: SqlType): Value {
  return present(type, type === 'bool' ? falsity : number('0'))
}

function kindOf(type: SqlType): string {
  return type.split(':', 1)[0] ?? type
}

/** Whether a text is the text of a value of the type: `''` never is. */
function readable(kind: string, term: Term): Term {
  return and(apply(`is ${kind}`, 'bool', [term]), not(eq(term, text(''))))
}

function fromText(encoding: Encoding, value: Value, target: SqlType, kind: string): Value {
  if (!isOfContext(value.term)) {
    encoding.blockers.add(
      `a cast of stored text to ${target}, which fails on rows of other tenants and so tells of them`,
    )
  }
  // An enum's values are its labels.
  const term = kind === 'enum' ? value.term : apply(`${kind} of text`, 'int', [value.term])
  const unreadable = and(not(value.isNull), not(value.fails), not(readable(target, value.term)))
  return { type: target, term, isNull: value.isNull, fails: or(value.fails, unreadable) }
}

/** The value comes from settings alone, so that a failure says nothing of rows. */
function isOfContext(term: Term): boolean {
  switch (term.kind) {
    case 'const':
      return term.label.startsWith('setting ')
    case 'apply':
      return term.args.every(isOfContext)
    case 'if':
      return [term.test, term.yes, term.no].every(isOfContext)
    case 'not':
      return isOfContext(term.operand)
    case 'and':
    case 'or':
      return term.operands.every(isOfContext)
    case 'eq':
    case 'less':
    case 'at-most':
    case 'plus':
    case 'minus':
      return isOfContext(term.left) && isOfContext(term.right)
    case 'truth':
    case 'number':
    case 'text':
      return true
  }
}

/**
 * A list in a setting as an array; undefined for anything else. Texts that cannot be read fail, which
 * shows no rows, so that leaving the failure out proves nothing that is not so.
 */
function listFrom(
  encoding: Encoding,
  value: Value,
  target: SqlType,
  element: SqlType,
): Value | undefined {
  const isReadable = element === 'uuid' || element === 'int' || element === 'text'
  if (!isReadable || value.items !== undefined || !isOfContext(value.term)) return undefined
  if (value.type === 'array:text') {
    encoding.gaps.add(`a cast from ${value.type} to ${target}`)
    return { ...value, type: target, term: apply(`listed ${element}`, 'int', [value.term]) }
  }
  if (value.type !== 'text' || value.raw !== undefined) return undefined
  encoding.gaps.add(`a cast from ${value.type} to ${target}`)
  return { ...value, type: target, term: apply(`array literal ${element}`, 'int', [value.term]) }
}

/** The text of a uuid or number reads back as the same value, so that different ones differ. */
function toText(encoding: Encoding, value: Value, kind: 'uuid' | 'int'): Value {
  if (value.term.kind === 'text') return { ...value, type: 'text', raw: value.term.value }
  if (value.term.kind === 'number') {
    return { ...value, type: 'text', term: text(value.term.digits), raw: value.term.digits }
  }
  const term = apply(`text of ${kind}`, 'int', [value.term])
  encoding.facts.push(
    and(eq(apply(`${kind} of text`, 'int', [term]), value.term), readable(kind, term)),
  )
  return { type: 'text', term, isNull: value.isNull, fails: value.fails }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const truths: Readonly<Record<string, boolean>> = {
  t: true,
  true: true,
  on: true,
  yes: true,
  f: false,
  false: false,
  off: false,
  no: false,
}

/** A string constant as a value of a type. */
function constant(encoding: Encoding, raw: string, target: SqlType): Value {
  const kind = kindOf(target)
  switch (kind) {
    case 'text':
      return { ...present('text', text(raw)), raw }
    case 'literal':
      return { ...present('literal', text(raw)), raw }
    case 'enum':
      return present(target, text(raw))
    case 'name':
      if (new TextEncoder().encode(raw).length < 64) return present('name', text(raw))
      break
    case 'uuid':
      if (uuid.test(raw)) return present('uuid', text(raw.toLowerCase()))
      if (raw === '') return failure('uuid', number('0'))
      break
    case 'int':
      if (/^[+-]?\d{1,18}$/.test(raw)) return present('int', number(raw.replace('+', '')))
      if (raw === '') return failure('int', number('0'))
      break
    case 'bool': {
      const known = truths[raw.toLowerCase()]
      if (known !== undefined) return present('bool', known ? truth : falsity)
      break
    }
    case 'array': {
      const element = elementType(target)
      const list = listOf(raw)
      if (element === undefined || list === undefined) break
      const items = list.map((item) => constant(encoding, item, element))
      return { ...present(target, number('0')), items }
    }
  }
  return approximated(encoding, target, `the constant '${raw}' as ${target}`)
}

/** Elements of an array literal, bare or in quotes: `{a,"b"}`, without nesting and NULL. */
export function listOf(raw: string): readonly string[] | undefined {
  const inner = /^\{(.*)\}$/s.exec(raw)?.[1]
  if (inner === undefined) return undefined
  if (inner === '') return []
  const element = /(?:"((?:[^"\\]|\\.)*)"|([^{}"\\,]*))(,|$)/sy
  const list: string[] = []
  for (;;) {
    const found = element.exec(inner)
    if (found === null) return undefined
    const [, quoted, bare = '', end] = found
    const isPlain = bare.trim() === bare && bare !== '' && !/^null$/i.test(bare)
    if (quoted === undefined && !isPlain) return undefined
    list.push(quoted?.replaceAll(/\\(.)/gs, '$1') ?? bare)
    if (end === '') return list
  }
}

/** Gives two operands one type: a string constant takes the other's. */
export function unified(encoding: Encoding, left: Value, right: Value): readonly [Value, Value] {
  if (left.type === right.type) {
    return left.type === 'literal'
      ? [castTo(encoding, left, 'text'), castTo(encoding, right, 'text')]
      : [left, right]
  }
  if (left.type === 'literal' || left.type === 'null')
    return [castTo(encoding, left, right.type), right]
  if (right.type === 'literal' || right.type === 'null')
    return [left, castTo(encoding, right, left.type)]
  if (left.type === 'name' && right.type === 'text') return [castTo(encoding, left, 'text'), right]
  if (left.type === 'text' && right.type === 'name') return [left, castTo(encoding, right, 'text')]
  return [left, right]
}
