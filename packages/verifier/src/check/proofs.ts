import type { LintInput } from '../lint/rule.js'
import { proveIsolation } from '../prove/prove-isolation.js'
import type { ProofResult } from '../prove/proof-result.js'
import { openZ3 } from '../prove/z3-solver.js'

/** Proves what it can of every cell, and ends the solver whatever happens. */
export async function proofsOf(
  { model, catalog, roles }: LintInput,
  onProgress: (done: number, total: number, object: string) => void,
): Promise<readonly ProofResult[]> {
  const solver = await openZ3()
  try {
    return await proveIsolation({ model, catalog, roles, solver, onProgress })
  } finally {
    solver.close()
  }
}
