import type { LintInput } from '../lint/rule.js'
import { proveIsolation } from '../prove/prove-isolation.js'
import type { ProofResult } from '../prove/proof-result.js'
import type { Solver } from '../prove/solver.js'
import { openZ3 } from '../prove/z3-solver.js'
import type { ClosableSolver } from '../prove/z3-solver.js'
import { parseAnswers, parseResults } from './proof-cache/parse-results.js'
import type { ProofCache } from './proof-cache/proof-cache.js'
import { answersKey, resultsKey } from './proof-cache/proof-key.js'
import { rememberingSolver } from './proof-cache/remembering-solver.js'
import { readEntry, writeEntry } from './proof-cache/sealed-entry.js'

/** What proofs may share with other runs. */
export interface ProofsShared {
  readonly cache?: ProofCache | undefined
  readonly solver?: Solver | undefined
}

/** Forgets everything. */
const noCache: ProofCache = { get: async () => undefined, set: async () => undefined }

/**
 * Proves what it can of every cell, and ends the solver whatever happens. The same catalog, model and
 * versions give the results of the former run; another catalog asks the solver only what is new.
 */
export async function proofsOf(
  input: LintInput,
  onProgress: (done: number, total: number, object: string) => void,
  { cache = noCache, solver: open }: ProofsShared = {},
): Promise<readonly ProofResult[]> {
  const { model, catalog, roles } = input
  const isKept = cache !== noCache
  const allKey = isKept ? resultsKey(input) : ''
  const former = parseResults(await readEntry(cache, allKey))
  if (former !== undefined) return former
  const perProblem = isKept ? answersKey(input) : ''
  const known = parseAnswers(await readEntry(cache, perProblem))
  const solver = rememberingSolver(open === undefined ? openZ3 : () => kept(open), known)
  try {
    const results = await proveIsolation({ model, catalog, roles, solver, onProgress })
    if (solver.learned) await writeEntry(cache, perProblem, Object.fromEntries(solver.answers))
    if (isKept && !solver.unsettled) await writeEntry(cache, allKey, results)
    return results
  } finally {
    solver.close()
  }
}

/** Whoever opened the solver ends it. */
async function kept({ solve }: Solver): Promise<ClosableSolver> {
  return { solve, close: () => undefined }
}
