import { operandsOf, sharing } from './sharing.js'
import type { Term } from './term.js'

/** A constant that nothing is asked of but whether it is this value. */
interface NamedValue {
  readonly id: number
  readonly value: Extract<Term, { kind: 'text' | 'number' }>
}

/** Assertions in which such tests are free choices, and what each choice stands for. */
export interface WithChoices {
  readonly assertions: readonly Term[]
  /** By the id of the choice. */
  readonly choices: ReadonlyMap<number, NamedValue>
}

/**
 * Makes a free choice of every test of a constant for a value, where the constant is in no other
 * term: lists of thousands of values then cost the solver no arithmetic. That a constant has one
 * value only is left out, so that what has no solution had none before; a solution must be looked at.
 */
export function withChoices(assertions: readonly Term[]): WithChoices {
  const { order, canonical } = sharing(assertions)
  const entangled = new Set<number>()
  for (const term of order) {
    if (namedValue(term) !== undefined) continue
    for (const part of operandsOf(term)) if (part.kind === 'const') entangled.add(part.id)
  }
  const choices = new Map<number, NamedValue>()
  const made = new Map<Term, Term>()
  const of = (term: Term): Term => made.get(canonical(term)) ?? term
  for (const term of order) {
    const named = namedValue(term)
    if (named === undefined || entangled.has(named.id)) {
      made.set(term, rebuilt(term, of))
      continue
    }
    const id = -1 - choices.size
    choices.set(id, named)
    made.set(term, { kind: 'const', sort: 'bool', id, label: 'a choice' })
  }
  return { assertions: assertions.map(of), choices }
}

function namedValue(term: Term): NamedValue | undefined {
  if (term.kind !== 'eq') return undefined
  const { left, right } = term
  for (const [constant, value] of [
    [left, right],
    [right, left],
  ] as const) {
    const isValue = value.kind === 'text' || value.kind === 'number'
    if (constant.kind === 'const' && isValue) return { id: constant.id, value }
  }
  return undefined
}

/** The same term of other operands. */
function rebuilt(term: Term, of: (term: Term) => Term): Term {
  switch (term.kind) {
    case 'const':
    case 'truth':
    case 'number':
    case 'text':
      return term
    case 'apply':
      return { ...term, args: term.args.map(of) }
    case 'not':
      return { ...term, operand: of(term.operand) }
    case 'and':
    case 'or':
      return { ...term, operands: term.operands.map(of) }
    case 'if':
      return { ...term, test: of(term.test), yes: of(term.yes), no: of(term.no) }
    default:
      return { ...term, left: of(term.left), right: of(term.right) }
  }
}
