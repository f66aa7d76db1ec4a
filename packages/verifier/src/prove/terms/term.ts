/** Sorts of the solver: every SQL value that is not boolean is a number, types are kept apart here. */
export type Sort = 'int' | 'bool'

/** A quantifier-free formula or number: frozen data, printed by `printProblem`. */
export type Term =
  | { readonly kind: 'const'; readonly sort: Sort; readonly id: number; readonly label: string }
  | { readonly kind: 'truth'; readonly value: boolean }
  | { readonly kind: 'number'; readonly digits: string }
  /** A text constant; different texts are different numbers. */
  | { readonly kind: 'text'; readonly value: string }
  | {
      readonly kind: 'apply'
      readonly fn: string
      readonly sort: Sort
      readonly args: readonly Term[]
    }
  | { readonly kind: 'not'; readonly operand: Term }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Term[] }
  | {
      readonly kind: 'eq' | 'less' | 'at-most' | 'plus' | 'minus'
      readonly left: Term
      readonly right: Term
    }
  | { readonly kind: 'if'; readonly test: Term; readonly yes: Term; readonly no: Term }

export const truth: Term = { kind: 'truth', value: true }
export const falsity: Term = { kind: 'truth', value: false }

/** A text constant. */
export function text(value: string): Term {
  return { kind: 'text', value }
}

/** A whole number, by its digits. */
export function number(digits: string): Term {
  return { kind: 'number', digits: BigInt(digits).toString() }
}

/** An uninterpreted function: equal arguments give equal results, nothing else is known. */
export function apply(fn: string, sort: Sort, args: readonly Term[]): Term {
  return { kind: 'apply', fn, sort, args }
}

export function not(operand: Term): Term {
  if (operand.kind === 'truth') return operand.value ? falsity : truth
  return operand.kind === 'not' ? operand.operand : { kind: 'not', operand }
}

export function and(...operands: readonly Term[]): Term {
  return joined('and', operands)
}

export function or(...operands: readonly Term[]): Term {
  return joined('or', operands)
}

export function implies(premise: Term, conclusion: Term): Term {
  return or(not(premise), conclusion)
}

export function eq(left: Term, right: Term): Term {
  if (left === right) return truth
  if (left.kind === 'text' && right.kind === 'text')
    return left.value === right.value ? truth : falsity
  if (left.kind === 'number' && right.kind === 'number') {
    return left.digits === right.digits ? truth : falsity
  }
  if (left.kind === 'truth') return left.value ? right : not(right)
  if (right.kind === 'truth') return right.value ? left : not(left)
  return { kind: 'eq', left, right }
}

export function less(left: Term, right: Term): Term {
  return { kind: 'less', left, right }
}

export function atMost(left: Term, right: Term): Term {
  return { kind: 'at-most', left, right }
}

export function choose(test: Term, yes: Term, no: Term): Term {
  if (test.kind === 'truth') return test.value ? yes : no
  if (yes === no) return yes
  if (yes.kind === 'truth') return yes.value ? or(test, no) : and(not(test), no)
  if (no.kind === 'truth') return no.value ? or(not(test), yes) : and(test, yes)
  return { kind: 'if', test, yes, no }
}

function joined(kind: 'and' | 'or', operands: readonly Term[]): Term {
  const absorbing = kind === 'or'
  const kept = new Set<Term>()
  for (const operand of operands) {
    if (operand.kind === 'truth') {
      if (operand.value === absorbing) return operand
      continue
    }
    // A long list is shared as it is: to copy it at every level would be quadratic.
    const isFlattened = operand.kind === kind && operand.operands.length <= longList
    for (const part of isFlattened ? operand.operands : [operand]) kept.add(part)
  }
  const [first] = kept
  if (first === undefined) return absorbing ? falsity : truth
  return kept.size === 1 ? first : { kind, operands: [...kept] }
}

const longList = 32
