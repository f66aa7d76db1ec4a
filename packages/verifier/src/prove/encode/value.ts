import { and, choose, eq, falsity, not, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'

/**
 * A type as far as the prover tells types apart. `literal` is PostgreSQL's `unknown`; `other:…` is
 * a type of which not even equality is modelled.
 */
export type SqlType =
  | 'bool'
  | 'int'
  | 'text'
  | 'uuid'
  | 'name'
  | 'json'
  | 'null'
  | 'literal'
  | `time:${string}`
  | `enum:${string}`
  | `array:${string}`
  | `other:${string}`

/**
 * The value of an expression. When `fails` holds the statement ends with an error, when `isNull`
 * holds the value is NULL; `term` means something only when neither does.
 */
export interface Value {
  readonly type: SqlType
  readonly term: Term
  readonly isNull: Term
  readonly fails: Term
  /** The text of a string constant. */
  readonly raw?: string
  /** The elements of an array whose elements are known. */
  readonly items?: readonly Value[]
  /** Whether an array has an element, where more is known of that than that it may. */
  readonly contains?: (element: Value) => Term
  /** The columns of a row value. */
  readonly fields?: ReadonlyMap<string, Value>
}

/** A value that is neither NULL nor an error. */
export function present(type: SqlType, term: Term): Value {
  return { type, term, isNull: falsity, fails: falsity }
}

export function bool(term: Term, isNull: Term = falsity, fails: Term = falsity): Value {
  return { type: 'bool', term, isNull, fails }
}

export const nullValue: Value = { type: 'null', term: falsity, isNull: truth, fails: falsity }

/** Always an error. */
export function failure(type: SqlType, term: Term): Value {
  return { type, term, isNull: falsity, fails: truth }
}

export function isTrue(value: Value): Term {
  return and(value.term, not(value.isNull), not(value.fails))
}

function isFalse(value: Value): Term {
  return and(not(value.term), not(value.isNull), not(value.fails))
}

/** Neither NULL nor an error. */
export function isPresent(value: Value): Term {
  return and(not(value.isNull), not(value.fails))
}

/**
 * Three-valued AND. An operand that fails is not looked at when another is false, since PostgreSQL
 * may evaluate them in any order (manual, section 4.2.14).
 */
export function conjunction(values: readonly Value[]): Value {
  const parts = withOneState(values, and)
  const anyFalse = or(...parts.map(isFalse))
  const fails = and(not(anyFalse), or(...parts.map((value) => value.fails)))
  const isNull = and(not(anyFalse), not(fails), or(...parts.map((value) => value.isNull)))
  return bool(and(...parts.map(isTrue)), isNull, fails)
}

export function disjunction(values: readonly Value[]): Value {
  const parts = withOneState(values, or)
  const anyTrue = or(...parts.map(isTrue))
  const fails = and(not(anyTrue), or(...parts.map((value) => value.fails)))
  const isNull = and(not(anyTrue), not(fails), or(...parts.map((value) => value.isNull)))
  return bool(anyTrue, isNull, fails)
}

/** Values that are NULL and fail together make one: lists of thousands of tests of a column are short. */
function withOneState(
  values: readonly Value[],
  join: (...operands: readonly Term[]) => Term,
): readonly Value[] {
  const groups = new Map<Term, Map<Term, Value[]>>()
  for (const value of values) {
    const byFails = groups.get(value.isNull) ?? new Map<Term, Value[]>()
    groups.set(value.isNull, byFails)
    const group = byFails.get(value.fails)
    if (group === undefined) byFails.set(value.fails, [value])
    else group.push(value)
  }
  return [...groups].flatMap(([isNull, byFails]) =>
    [...byFails].map(([fails, all]) => bool(join(...all.map(({ term }) => term)), isNull, fails)),
  )
}

export function negation(value: Value): Value {
  return { ...bool(not(value.term), value.isNull, value.fails) }
}

/** `yes` where `test` holds, else `no`; both of one type. */
export function either(test: Term, yes: Value, no: Value): Value {
  return {
    type: yes.type === 'null' ? no.type : yes.type,
    term:
      yes.type === 'null'
        ? no.term
        : no.type === 'null'
          ? yes.term
          : choose(test, yes.term, no.term),
    isNull: choose(test, yes.isNull, no.isNull),
    fails: choose(test, yes.fails, no.fails),
  }
}

/** Both are NULL, or both are the same value. */
export function same(left: Value, right: Value): Term {
  return or(
    and(left.isNull, right.isNull),
    and(not(left.isNull), not(right.isNull), eq(left.term, right.term)),
  )
}
