import { memoised } from '../src/prove/solver.js'
import type { Solver } from '../src/prove/solver.js'
import { openZ3 } from '../src/prove/z3-solver.js'

let opened: Promise<Solver> | undefined

/**
 * One Z3 with its default limits for all test files of a worker, which ends with the worker. A problem
 * that was put to it before, by whichever test, has its answer.
 */
export function sharedSolver(): Promise<Solver> {
  opened ??= openZ3().then(memoised)
  return opened
}
