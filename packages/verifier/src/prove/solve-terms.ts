import type { Solver, SolverAnswer } from './solver.js'
import { withChoices } from './terms/named-values.js'
import type { WithChoices } from './terms/named-values.js'
import { firstText, printProblem } from './terms/print-problem.js'
import type { Problem } from './terms/print-problem.js'
import { sharing } from './terms/sharing.js'
import type { Term } from './terms/term.js'

/** What a solver says of some assertions, in the names of the printed problem. */
export interface Solved {
  readonly problem: Problem
  readonly answer: SolverAnswer
}

/** Terms up to which a solver answers in a second or so, whatever is in them. */
const fewTerms = 1500
/** Sizes up to which a solver that was given a time limit keeps to it. */
const maxTerms = 50_000
const maxComparisons = 4000
const maxDepth = 1000

/** Asks for a solution of some assertions; of very many in steps that each take seconds at most. */
export async function solveTerms(assertions: readonly Term[], solver: Solver): Promise<Solved> {
  const { order, depth } = sharing(assertions, maxTerms)
  if (order.length >= maxTerms || depth > maxDepth) return tooLarge(order.length, depth)
  const problem = printProblem(assertions)
  if (order.length <= fewTerms) return { problem, answer: await solver.solve(problem.smt) }
  const free = withChoices(assertions)
  const first = await solveWithin(free.assertions, solver)
  if (first.answer.status !== 'sat') return { problem, answer: first.answer }
  const values = withoutChoices(free, first, first.answer.values, problem)
  if (values !== undefined) return { problem, answer: { status: 'sat', values } }
  return solveWithin(assertions, solver, problem)
}

async function solveWithin(
  assertions: readonly Term[],
  solver: Solver,
  problem: Problem = printProblem(assertions),
): Promise<Solved> {
  const { order, depth } = sharing(assertions)
  const compared = order.filter(({ kind }) => comparisons.has(kind)).length
  if (compared > maxComparisons) return tooLarge(order.length, depth)
  return { problem, answer: await solver.solve(problem.smt) }
}

function tooLarge(terms: number, depth: number): Solved {
  const reason = `the conditions are too large for it, ${terms} terms or more that nest ${depth} deep`
  return {
    problem: { smt: '', constants: [], texts: [] },
    answer: { status: 'unknown', reason },
  }
}

const comparisons: ReadonlySet<Term['kind']> = new Set(['eq', 'less', 'at-most', 'plus', 'minus'])

/** The solution in values; undefined when it has more than one for a constant. */
function withoutChoices(
  { choices }: WithChoices,
  free: Solved,
  found: Readonly<Record<string, string>>,
  problem: Problem,
): Readonly<Record<string, string>> | undefined {
  const byId = new Map<number, string>()
  const chosen = new Set<number>()
  for (const [index, id] of free.problem.constants.entries()) {
    const value = found[`c${index}`]
    if (value === undefined) continue
    const named = choices.get(id)
    if (named === undefined) byId.set(id, value)
    else if (value === 'true') {
      if (chosen.has(named.id)) return undefined
      chosen.add(named.id)
      byId.set(named.id, numeral(named.value, problem))
    }
  }
  for (const { id } of choices.values()) {
    if (!chosen.has(id)) byId.set(id, String(firstText + problem.texts.length + id))
  }
  return Object.fromEntries(
    problem.constants.flatMap((id, index) => {
      const value = byId.get(id)
      return value === undefined ? [] : [[`c${index}`, value]]
    }),
  )
}

function numeral(value: Extract<Term, { kind: 'text' | 'number' }>, { texts }: Problem): string {
  if (value.kind === 'text') return String(firstText + texts.indexOf(value.value))
  return value.digits.startsWith('-') ? `(- ${value.digits.slice(1)})` : value.digits
}
