import type { Solver, SolverAnswer } from '../../prove/solver.js'
import type { ClosableSolver } from '../../prove/z3-solver.js'
import { isSettled } from './parse-results.js'
import { checksum } from './sealed-entry.js'

/** A solver that is started when the first problem needs it, and knows the answers of former runs. */
export interface RememberingSolver extends Solver {
  /** Settled answers to the problems of this run, by the checksum of their text. */
  readonly answers: ReadonlyMap<string, SolverAnswer>
  /** Some problem of this run was not known before. */
  readonly learned: boolean
  /** Some problem had no answer in its time, or failed: another run may come further. */
  readonly unsettled: boolean
  close(): void
}

/** Wraps a solver that takes long to start. */
export function rememberingSolver(
  open: () => Promise<ClosableSolver>,
  known: ReadonlyMap<string, SolverAnswer>,
): RememberingSolver {
  const answers = new Map<string, SolverAnswer>()
  let opened: Promise<ClosableSolver> | undefined
  let started: ClosableSolver | undefined
  let learned = false
  let unsettled = false

  const ask = async (smt: string): Promise<SolverAnswer> => {
    opened ??= open()
    started = await opened
    return started.solve(smt)
  }
  return {
    answers,
    get learned() {
      return learned
    },
    get unsettled() {
      return unsettled
    },
    async solve(smt) {
      const key = checksum(smt)
      const found = known.get(key)
      if (found !== undefined) {
        answers.set(key, found)
        return found
      }
      try {
        const answer = await ask(smt)
        learned = true
        if (isSettled(answer)) answers.set(key, answer)
        else unsettled = true
        return answer
      } catch (error) {
        unsettled = true
        throw error
      }
    },
    close: () => started?.close(),
  }
}
