import { operandsOf, sharing } from './sharing.js'
import type { Sort, Term } from './term.js'

/** A satisfiability problem in SMT-LIB, and what its names stand for. */
export interface Problem {
  /**
   * INVARIANT: names of tables, columns and settings are not in the text, so that problems of the
   * same shape are the same text and share one answer.
   */
  readonly smt: string
  /** Ids of the constants `c0`, `c1`, … in order. */
  readonly constants: readonly number[]
  /** Texts of the numerals from {@link firstText} on, in order. */
  readonly texts: readonly string[]
}

/** Numeral of the first text constant. Free values may have it too: they are then that text. */
export const firstText = 1_000_000_000

/** Levels that a printed line may nest: what is deeper gets a name of its own. */
const maxDepth = 12

interface Printed {
  readonly text: string
  readonly depth: number
}

/**
 * Prints assertions as SMT-LIB with names by order of appearance. What occurs more than once is
 * printed once and named `s0`, `s1`, …, so that the text is as long as the terms are many.
 */
export function printProblem(assertions: readonly Term[]): Problem {
  const constants = new Map<number, { index: number; sort: Sort }>()
  const functions = new Map<string, { sort: Sort; args: readonly Sort[] }>()
  const texts = new Map<string, number>()
  const definitions: string[] = []
  const printed = new Map<Term, Printed>()
  const { order, canonical, isShared } = sharing(assertions)

  const leaf = (term: Term): string | undefined => {
    switch (term.kind) {
      case 'const': {
        const found = constants.get(term.id) ?? { index: constants.size, sort: term.sort }
        constants.set(term.id, found)
        return `c${found.index}`
      }
      case 'truth':
        return String(term.value)
      case 'number':
        return term.digits.startsWith('-') ? `(- ${term.digits.slice(1)})` : term.digits
      case 'text': {
        const index = texts.get(term.value) ?? texts.size
        texts.set(term.value, index)
        return String(firstText + index)
      }
      default:
        return undefined
    }
  }
  const printedOnce = (term: Term): Printed => {
    const found = printed.get(canonical(term))
    if (found === undefined) throw new Error('a term is printed before its operands')
    return found
  }
  const print = (term: Term): Printed => {
    const short = leaf(term)
    if (short !== undefined) return { text: short, depth: 0 }
    if (term.kind === 'apply') {
      functions.set(term.fn, { sort: term.sort, args: term.args.map(sortOf) })
    }
    const parts = operandsOf(term).map(printedOnce)
    const head = term.kind === 'apply' ? `|${term.fn}|` : symbols[term.kind as keyof typeof symbols]
    const text = parts.length === 0 ? head : `(${[head, ...parts.map((p) => p.text)].join(' ')})`
    const depth = 1 + parts.reduce((deepest, part) => Math.max(deepest, part.depth), 0)
    if (depth <= maxDepth && !isShared(term)) return { text, depth }
    const name = `s${definitions.length}`
    definitions.push(`(define-fun ${name} () ${sortNames[sortOf(term)]} ${text})`)
    return { text: name, depth: 0 }
  }

  for (const term of order) printed.set(term, print(term))
  const asserted = assertions.map((term) => `(assert ${printedOnce(term).text})`)
  const declared = [...constants.values()].map(
    ({ index, sort }) => `(declare-const c${index} ${sortNames[sort]})`,
  )
  const applied = [...functions].map(
    ([name, { sort, args }]) =>
      `(declare-fun |${name}| (${args.map((arg) => sortNames[arg]).join(' ')}) ${sortNames[sort]})`,
  )
  return {
    smt: [...declared, ...applied, ...definitions, ...asserted].join('\n'),
    constants: [...constants.keys()],
    texts: [...texts.keys()],
  }
}

const symbols = {
  eq: '=',
  less: '<',
  'at-most': '<=',
  plus: '+',
  minus: '-',
  not: 'not',
  and: 'and',
  or: 'or',
  if: 'ite',
} as const
const sortNames: Readonly<Record<Sort, string>> = { int: 'Int', bool: 'Bool' }

/** The sort of a term. */
function sortOf(term: Term): Sort {
  let at = term
  while (at.kind === 'if') at = at.yes
  switch (at.kind) {
    case 'const':
    case 'apply':
      return at.sort
    case 'number':
    case 'text':
    case 'plus':
    case 'minus':
      return 'int'
    default:
      return 'bool'
  }
}
