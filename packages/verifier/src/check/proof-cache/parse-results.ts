import type { Counterexample, ProofResult } from '../../prove/proof-result.js'
import type { SolverAnswer } from '../../prove/solver.js'

/** Results of a former run; undefined for anything else. */
export function parseResults(content: unknown): readonly ProofResult[] | undefined {
  return Array.isArray(content) && content.every(isResult) ? content : undefined
}

/** Answers of the solver by the checksum of the problem; what is none is left out. */
export function parseAnswers(content: unknown): ReadonlyMap<string, SolverAnswer> {
  const entries = isRecord(content) ? Object.entries(content) : []
  return new Map(
    entries.flatMap(([key, answer]) => (isSettled(answer) ? [[key, answer] as const] : [])),
  )
}

/** An answer that does not depend on how fast the machine was. */
export function isSettled(answer: unknown): answer is SolverAnswer {
  if (!isRecord(answer)) return false
  if (answer['status'] === 'unsat') return true
  const { values } = answer
  return (
    answer['status'] === 'sat' &&
    isRecord(values) &&
    Object.values(values).every((value) => typeof value === 'string')
  )
}

const verdicts: ReadonlySet<unknown> = new Set(['proven', 'refuted', 'unknown'])
const commands: ReadonlySet<unknown> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE'])

function isResult(value: unknown): value is ProofResult {
  if (!isRecord(value)) return false
  const { object, role, command, verdict, reason, assumptions, counterexample } = value
  return (
    [object, role, reason].every((text) => typeof text === 'string') &&
    commands.has(command) &&
    verdicts.has(verdict) &&
    Array.isArray(assumptions) &&
    assumptions.every((text) => typeof text === 'string') &&
    (counterexample === undefined || isCounterexample(counterexample))
  )
}

function isCounterexample(value: unknown): value is Counterexample {
  return isRecord(value) && isRecord(value['settings']) && Array.isArray(value['rows'])
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
