import { isFiltered } from '../encode/policies.js'
import type { Subject } from '../encode/encoding.js'
import type { ProofResult } from '../proof-result.js'

/** `INSERT … ON CONFLICT DO UPDATE` is an UPDATE too, where the role may run one. */
export function withUpsert(
  subject: Subject,
  results: readonly ProofResult[],
): readonly ProofResult[] {
  const open = new Map(
    results
      .filter(({ command, verdict }) => command === 'UPDATE' && verdict !== 'proven')
      .map((result) => [`${result.role} ${result.object}`, result]),
  )
  return results.map((result) => {
    if (result.command !== 'INSERT' || result.verdict !== 'proven') return result
    const update = open.get(`${result.role} ${result.object}`)
    if (update === undefined || admitsNoRow(subject, result)) return result
    return { ...result, verdict: 'unknown', reason: upsertReason(update.reason) }
  })
}

/** Why a proven INSERT is open: what its form that updates may do. */
export function upsertReason(reason: string): string {
  return `what INSERT stores is proven, but not what ON CONFLICT DO UPDATE reaches: ${reason}`
}

/**
 * No policy lets the role, or one that it can become, insert: PostgreSQL holds the proposed row against the policies for INSERT
 * before it looks for a conflict.
 */
export function admitsNoRow(subject: Subject, { role, object }: ProofResult): boolean {
  const relation = subject.tables.get(object)?.relation
  if (relation === undefined) return false
  return [role, ...subject.access.closure(role).reachable].every(
    (actor) =>
      isFiltered(subject, actor, relation) &&
      !subject.access.policies(actor, 'INSERT', relation).some(({ permissive }) => permissive),
  )
}
