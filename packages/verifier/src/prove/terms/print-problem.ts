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

/** Prints assertions as SMT-LIB with names by order of appearance. */
export function printProblem(assertions: readonly Term[]): Problem {
  const constants = new Map<number, { index: number; sort: Sort }>()
  const order: number[] = []
  const functions = new Map<string, { sort: Sort; args: readonly Sort[] }>()
  const texts: string[] = []

  const list = (operands: readonly Term[]): string => operands.map(print).join(' ')
  const print = (term: Term): string => {
    switch (term.kind) {
      case 'const': {
        const found = constants.get(term.id)
        if (found !== undefined) return `c${found.index}`
        constants.set(term.id, { index: order.length, sort: term.sort })
        return `c${order.push(term.id) - 1}`
      }
      case 'truth':
        return String(term.value)
      case 'number':
        return term.digits.startsWith('-') ? `(- ${term.digits.slice(1)})` : term.digits
      case 'text': {
        if (!texts.includes(term.value)) texts.push(term.value)
        return String(firstText + texts.indexOf(term.value))
      }
      case 'apply':
        functions.set(term.fn, { sort: term.sort, args: term.args.map(sortOf) })
        return term.args.length === 0 ? `|${term.fn}|` : `(|${term.fn}| ${list(term.args)})`
      case 'not':
        return `(not ${print(term.operand)})`
      case 'and':
      case 'or':
        return `(${term.kind} ${list(term.operands)})`
      case 'if':
        return `(ite ${list([term.test, term.yes, term.no])})`
      default:
        return `(${symbols[term.kind]} ${list([term.left, term.right])})`
    }
  }

  const asserted = assertions.map((term) => `(assert ${print(term)})`)
  const declared = order.map(
    (id, index) => `(declare-const c${index} ${sortNames[constants.get(id)?.sort ?? 'int']})`,
  )
  const applied = [...functions].map(
    ([name, { sort, args }]) =>
      `(declare-fun |${name}| (${args.map((arg) => sortNames[arg]).join(' ')}) ${sortNames[sort]})`,
  )
  return {
    smt: [...declared, ...applied, ...asserted].join('\n'),
    constants: order,
    texts,
  }
}

const symbols = { eq: '=', less: '<', 'at-most': '<=', plus: '+', minus: '-' } as const
const sortNames: Readonly<Record<Sort, string>> = { int: 'Int', bool: 'Bool' }

/** The sort of a term. */
function sortOf(term: Term): Sort {
  switch (term.kind) {
    case 'const':
    case 'apply':
      return term.sort
    case 'number':
    case 'text':
    case 'plus':
    case 'minus':
      return 'int'
    case 'if':
      return sortOf(term.yes)
    default:
      return 'bool'
  }
}
