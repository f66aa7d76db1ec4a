import type { Command } from 'watertight/model'
import { claimsWithoutUser } from '../graph/without-user.js'
import { assumeNoUser } from '../prove/context/without-user.js'
import { counterexampleOf } from '../prove/counterexample.js'
import { keyFacts } from '../prove/encode/row.js'
import type { Obligation } from '../prove/obligation.js'
import type { CounterexampleRow } from '../prove/proof-result.js'
import { solveTerms } from '../prove/solve-terms.js'
import type { Solver } from '../prove/solver.js'
import { and, not } from '../prove/terms/term.js'
import type { Term } from '../prove/terms/term.js'
import { instanceFacts } from './instances.js'
import { pairEncodings } from './paired-encoding.js'
import type { Pair, PairSide } from './paired-encoding.js'
import { allowed, subjectRows, withoutContext } from './subject-rows.js'
import type { ComparedRelation } from './subject-rows.js'

/** Rows and a context that the solver found. */
export interface Candidate {
  readonly settings: Readonly<Record<string, string | null>>
  readonly rows: readonly CounterexampleRow[]
}

/** Whether one side allows what the other does not. */
export type Direction =
  /** It never does, whatever the data and the context. */
  | { readonly kind: 'never' }
  /** `exact`: everything was modelled, so that the solver alone is enough. */
  | { readonly kind: 'maybe'; readonly exact: boolean; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'unknown'; readonly reason: string }

export interface PolicyComparison {
  readonly wider: Direction
  readonly narrower: Direction
  readonly assumptions: readonly string[]
}

/** One relation, role and command, of both sides. */
export interface ComparedCell {
  readonly relation: ComparedRelation
  readonly role: string
  readonly command: Command
}

/** Asks the solver for a row that one side allows and the other does not, both ways. */
export async function comparePolicies(
  before: PairSide,
  after: PairSide,
  cell: ComparedCell,
  solver: Solver,
): Promise<PolicyComparison> {
  const pair = pairEncodings(before, after, cell.role)
  if (lackUserAlike(before, after, cell.role)) assumeNoUser(pair.before, cell)
  const { relation, role, command } = cell
  const rows = subjectRows(pair, relation, command)
  const was = allowed(pair, 'before', relation.before, rows.before, role, command)
  const is = allowed(pair, 'after', relation.after, rows.after, role, command)
  const blockers = pair.blockers()
  const assumptions = [...pair.before.assumptions, orderAssumption]
  if (blockers.length > 0) {
    const reason = `not modelled: ${blockers.slice(0, 3).join('; ')}`
    const unknown: Direction = { kind: 'unknown', reason }
    return { wider: unknown, narrower: unknown, assumptions }
  }
  const isLoose = pair.isLoose()
  const instances = instanceFacts(pair, pair.before)
  const facts = [...pair.before.facts, ...instances, ...rows.facts(), ...keyFacts(pair.before)]
  const possible = await solveTerms(facts, solver)
  if (possible.answer.status !== 'sat') {
    const reason = 'what is known of the data contradicts itself, or the solver gave no answer'
    const unknown: Direction = { kind: 'unknown', reason }
    return { wider: unknown, narrower: unknown, assumptions }
  }
  const ask = (claim: Term): Promise<Direction> =>
    direction(pair, cell, facts, claim, isLoose, solver)
  return {
    wider: await ask(and(is, not(was))),
    narrower: await ask(and(was, not(is))),
    assumptions,
  }
}

/** Requests as the role lack the same claims on both sides; else they are held to nothing. */
function lackUserAlike(before: PairSide, after: PairSide, role: string): boolean {
  const [was, is] = [before, after].map(({ subject: { model, catalog } }) =>
    claimsWithoutUser(model, catalog, role),
  )
  return was !== null && JSON.stringify(was) === JSON.stringify(is)
}

const orderAssumption =
  'an operand of AND or OR that need not be evaluated raises no error and has no effect'

async function direction(
  pair: Pair,
  { relation, role, command }: ComparedCell,
  facts: readonly Term[],
  claim: Term,
  isLoose: boolean,
  solver: Solver,
): Promise<Direction> {
  const candidates: Candidate[] = []
  const attempts = [
    [...facts, claim, ...withoutContext(pair)],
    [...facts, claim],
  ]
  for (const [index, assertions] of attempts.entries()) {
    const { problem, answer } = await solveTerms(assertions, solver)
    const isLast = index === attempts.length - 1
    if (answer.status === 'sat') {
      const encoding = { ...pair.before, known: new Map(pair.shared) }
      const name = relation.after ?? relation.before
      const table = { name: name === null ? '' : `${name.schema}.${name.name}` }
      // Only the names are read of the obligation.
      const story = { table, role, actor: role, command } as unknown as Obligation
      const { settings, rows } = counterexampleOf(encoding, story, problem, answer.values)
      candidates.push({ settings, rows: distinctRows(rows) })
    } else if (isLast && candidates.length === 0) {
      return answer.status === 'unsat'
        ? { kind: 'never' }
        : { kind: 'unknown', reason: `the solver gave no answer: ${answer.reason}` }
    }
  }
  return { kind: 'maybe', exact: !isLoose, candidates }
}

/** A row that both sides speak of is told once, with what either says of it. */
function distinctRows(rows: readonly CounterexampleRow[]): readonly CounterexampleRow[] {
  const found = new Map<string, CounterexampleRow>()
  for (const row of rows) {
    const isSubject = /^(row|old row|new row)$/.test(row.label)
    const key = isSubject ? row.label : JSON.stringify([row.relation, row.values])
    const known = found.get(key)
    found.set(
      key,
      known === undefined ? row : { ...known, values: { ...known.values, ...row.values } },
    )
  }
  return [...found.values()]
}
