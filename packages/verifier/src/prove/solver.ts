/** What the prover needs of a solver for SMT-LIB (linear integers, uninterpreted functions). */
export interface Solver {
  /** Decides a problem of declarations and assertions; free constants are named `c0`, `c1`, … */
  solve(smt: string): Promise<SolverAnswer>
}

export type SolverAnswer =
  | { readonly status: 'unsat' }
  /** Values of the constants by name, as SMT-LIB prints them. */
  | { readonly status: 'sat'; readonly values: Readonly<Record<string, string>> }
  /** Timed out, or undecided for the reason given. */
  | { readonly status: 'unknown'; readonly reason: string }

/** Answers each text once: tables with the same policies give the same problem. */
export function memoised(solver: Solver): Solver {
  const known = new Map<string, Promise<SolverAnswer>>()
  return {
    solve(smt) {
      const found = known.get(smt)
      if (found !== undefined) return found
      const answer = solver.solve(smt)
      known.set(smt, answer)
      return answer
    },
  }
}
