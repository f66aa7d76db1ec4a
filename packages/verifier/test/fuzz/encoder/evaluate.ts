import type { Term } from '../../../src/prove/terms/term.js'
import { meaningOf } from './functions.js'
import type { Concrete } from './functions.js'

/** What is known of the free constants, by id. */
export type Assignment = ReadonlyMap<number, Concrete>

export type Constant = Extract<Term, { kind: 'const' }>

export interface Judged {
  /** Undefined: it depends on what is not known. */
  readonly value: Concrete | undefined
  /** A constant that it depends on; null when it is an unknown function. */
  readonly open: Constant | null
}

export interface Evaluator {
  judge(term: Term): Judged
  /** What was found and stays so whatever else becomes known. */
  known(term: Term): Judged | undefined
}

/** Evaluates terms that share parts, in the three-valued logic of known and not known. */
export function evaluator(
  assigned: Assignment,
  labels: ReadonlyMap<string, readonly string[]>,
  before?: Evaluator,
): Evaluator {
  const done = new Map<Term, Judged>()
  const judge = (term: Term): Judged => {
    const found = done.get(term) ?? before?.known(term)
    if (found !== undefined) return found
    const made = fresh(term)
    done.set(term, made)
    return made
  }
  const known = (value: Concrete): Judged => ({ value, open: null })
  const joined = (operands: readonly Term[], absorbing: boolean): Judged => {
    let open: Judged | undefined
    for (const operand of operands) {
      const judged = judge(operand)
      if (judged.value === absorbing) return known(absorbing)
      if (judged.value === undefined && (open === undefined || open.open === null)) open = judged
    }
    return open ?? known(!absorbing)
  }
  const both = (left: Term, right: Term, make: (a: Concrete, b: Concrete) => Concrete): Judged => {
    const [a, b] = [judge(left), judge(right)]
    if (a.value !== undefined && b.value !== undefined) return known(make(a.value, b.value))
    return a.value === undefined && a.open !== null ? a : b.value === undefined ? b : a
  }
  const fresh = (term: Term): Judged => {
    switch (term.kind) {
      case 'const': {
        const value = assigned.get(term.id)
        return { value, open: value === undefined ? term : null }
      }
      case 'truth':
        return known(term.value)
      case 'number':
        return known(BigInt(term.digits))
      case 'text':
        return known(term.value)
      case 'not': {
        const judged = judge(term.operand)
        return judged.value === undefined ? judged : known(judged.value !== true)
      }
      case 'and':
        return joined(term.operands, false)
      case 'or':
        return joined(term.operands, true)
      case 'eq':
        return both(term.left, term.right, (a, b) => a === b)
      case 'less':
        return both(term.left, term.right, (a, b) => a < b)
      case 'at-most':
        return both(term.left, term.right, (a, b) => a <= b)
      case 'plus':
        return both(term.left, term.right, (a, b) => BigInt(a) + BigInt(b))
      case 'minus':
        return both(term.left, term.right, (a, b) => BigInt(a) - BigInt(b))
      case 'if': {
        const test = judge(term.test)
        if (test.value !== undefined) return judge(test.value === true ? term.yes : term.no)
        const [yes, no] = [judge(term.yes), judge(term.no)]
        return yes.value !== undefined && yes.value === no.value ? yes : test
      }
      case 'apply': {
        const args = term.args.map(judge)
        const unknown = args.find(({ value }) => value === undefined)
        if (unknown !== undefined) return unknown
        const values = args.flatMap(({ value }) => (value === undefined ? [] : [value]))
        return { value: meaningOf(term.fn, labels)?.(...values), open: null }
      }
    }
  }
  return {
    judge,
    known: (term) => {
      const found = done.get(term)
      return found?.value === undefined ? before?.known(term) : found
    },
  }
}
