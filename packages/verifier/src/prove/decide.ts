import { contextUser } from './context/context-user.js'
import { assumeNoUser } from './context/without-user.js'
import { counterexampleOf } from './counterexample.js'
import { membershipSources } from '../graph/membership-sources.js'
import { objectName } from '../graph/object-name.js'
import { compare } from './encode/compare.js'
import { makeEncoding } from './encode/encoding.js'
import type { Encoding, Subject } from './encode/encoding.js'
import { encode } from './encode/expr.js'
import { matchRow } from './encode/match-row.js'
import { columnOf, keyFacts } from './encode/row.js'
import { isTrue } from './encode/value.js'
import type { Obligation, Property } from './obligation.js'
import type { Counterexample, ProofResult } from './proof-result.js'
import { reachedByOwner } from './owner-reach.js'
import type { Solver } from './solver.js'
import { solveTerms } from './solve-terms.js'
import { not } from './terms/term.js'
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
  assumeNoUser(encoding, obligation)
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
    const first = counterexampleOf(encoding, obligation, problem, answer.values)
    const counterexample =
      (await withoutMemberships(encoding, obligation, violation, solver)) ?? first
    const byOwner = await reachedByOwner(subject, (declared) =>
      cannotBeViolated(declared, property, obligation, solver),
    )
    if (byOwner !== undefined) return { ...unknown(byOwner), counterexample }
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

async function cannotBeViolated(
  subject: Subject,
  property: Property,
  obligation: Obligation,
  solver: Solver,
): Promise<boolean> {
  const encoding = makeEncoding(subject, { encode, matchRow })
  assumeNoUser(encoding, obligation)
  const violation = property.violation(encoding, obligation)
  if (violation.kind === 'unstated' || encoding.blockers.size > 0) return false
  const facts = [...encoding.facts, ...keyFacts(encoding)]
  return (await solveTerms([...facts, violation], solver)).answer.status === 'unsat'
}

/**
 * An example in which no membership is the caller's, so that memberships have no part in it;
 * undefined where they have, or where they decide nothing.
 */
async function withoutMemberships(
  encoding: Encoding,
  obligation: Obligation,
  violation: Term,
  solver: Solver,
): Promise<Counterexample | undefined> {
  const { model, catalog } = encoding.subject
  if (model.context.kind !== 'membership') return undefined
  const sources = membershipSources(model, catalog)
  const others = encoding.rows.flatMap((row) =>
    sources.flatMap(({ relation, user }) => {
      const member = row.relation === relation ? columnOf(encoding, row, user) : undefined
      const caller = member && contextUser(encoding, member.type)
      return member && caller ? [not(isTrue(compare(encoding, '=', member, caller)))] : []
    }),
  )
  const name = objectName(model.context.via.table)
  if (others.length === 0 || obligation.table.name === name) return undefined
  const facts = [...encoding.facts, ...keyFacts(encoding)]
  const { problem, answer } = await solveTerms([...facts, violation, ...others], solver)
  if (answer.status !== 'sat') return undefined
  const found = counterexampleOf(encoding, obligation, problem, answer.values)
  return { ...found, rows: found.rows.filter(({ relation }) => relation !== name) }
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
