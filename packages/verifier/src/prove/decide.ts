import { counterexampleOf } from './counterexample.js'
import { makeEncoding } from './encode/encoding.js'
import type { Encoding, Subject } from './encode/encoding.js'
import { encode } from './encode/expr.js'
import { matchRow } from './encode/match-row.js'
import { keyFacts } from './encode/row.js'
import type { Obligation, Property } from './obligation.js'
import type { ProofResult } from './proof-result.js'
import type { Solver } from './solver.js'
import { solveTerms } from './solve-terms.js'
import type { Term } from './terms/term.js'

export type Decided = Pick<ProofResult, 'verdict' | 'reason' | 'assumptions' | 'counterexample'>

/** Encodes one property of one obligation and asks the solver whether it can be violated. */
export async function decide(
  subject: Subject,
  property: Property,
  obligation: Obligation,
  solver: Solver,
): Promise<Decided> {
  const encoding = makeEncoding(subject, { encode, matchRow })
  const violation = property.violation(encoding, obligation)
  const assumptions = [...encoding.assumptions]
  const unknown = (reason: string): Decided => ({ verdict: 'unknown', reason, assumptions })
  if (violation.kind === 'unstated') return unknown(violation.reason)
  if (encoding.blockers.size > 0) {
    return unknown(
      `not modelled: ${listed(encoding.blockers)}; what the policies say in columns, constants, settings, EXISTS, and STABLE functions in plain SQL is modelled`,
    )
  }
  const facts = [...encoding.facts, ...keyFacts(encoding)]
  const { problem, answer } = await solveTerms([...facts, violation], solver)
  if (answer.status === 'unknown') {
    return unknown(unanswered(answer.reason))
  }
  if (answer.status === 'sat') {
    const counterexample = counterexampleOf(encoding, obligation, problem, answer.values)
    if (encoding.gaps.size > 0) {
      return {
        ...unknown(
          `${property.id} is not proven; not modelled exactly: ${listed(encoding.gaps)}; a test of the tenant beside it would resolve it`,
        ),
        counterexample,
      }
    }
    const reason = `${property.id} does not follow from the policies`
    return { verdict: 'refuted', reason, assumptions, counterexample }
  }
  return isPossible(encoding, property, facts, solver, assumptions)
}

/** SECURITY: facts that contradict each other prove anything. */
async function isPossible(
  encoding: Encoding,
  property: Property,
  facts: readonly Term[],
  solver: Solver,
  assumptions: readonly string[],
): Promise<Decided> {
  const { answer: control } = await solveTerms(facts, solver)
  if (control.status === 'unknown') {
    return { verdict: 'unknown', reason: unanswered(control.reason), assumptions }
  }
  if (control.status !== 'sat') {
    const reason = 'what is known of the data contradicts itself, which is a fault of the prover'
    return { verdict: 'unknown', reason, assumptions }
  }
  return {
    verdict: 'proven',
    reason: property.id,
    assumptions: [...new Set([...assumptions, ...encoding.assumptions])],
  }
}

function unanswered(reason: string): string {
  return `the solver gave no answer: ${reason}; a simpler policy or more time may resolve it`
}

function listed(things: ReadonlySet<string>): string {
  const all = [...things]
  const more = all.length > 3 ? ` and ${all.length - 3} more` : ''
  return `${all.slice(0, 3).join('; ')}${more}`
}
