import type { ProofResult } from '../proof-result.js'

/** `INSERT … ON CONFLICT DO UPDATE` is an UPDATE too, where the role may run one. */
export function withUpsert(results: readonly ProofResult[]): readonly ProofResult[] {
  const open = new Map(
    results
      .filter(({ command, verdict }) => command === 'UPDATE' && verdict !== 'proven')
      .map((result) => [`${result.role} ${result.object}`, result]),
  )
  return results.map((result) => {
    if (result.command !== 'INSERT' || result.verdict !== 'proven') return result
    const update = open.get(`${result.role} ${result.object}`)
    if (update === undefined) return result
    const reason = `what INSERT stores is proven, but not what ON CONFLICT DO UPDATE reaches: ${update.reason}`
    return { ...result, verdict: 'unknown', reason }
  })
}
