import { tableKey } from 'watertight/model'
import { objectName } from '../../graph/object-name.js'
import type { Subject } from '../encode/encoding.js'
import type { ProofResult } from '../proof-result.js'

/**
 * Where memberships decide whose a row is, whoever may write them decides it. They must be proven
 * not to give a tenant away, or nothing that rests on them is proven.
 */
export function withAuthority(
  { model, catalog, tables }: Subject,
  results: readonly ProofResult[],
): readonly ProofResult[] {
  const { context } = model
  if (context.kind !== 'membership') return results
  const via = catalog.relations.find((entry) => tableKey(entry) === tableKey(context.via.table))
  if (via === undefined) return results
  const name = objectName(via)
  const isCovered = tables.isProtected(name)
  const gap = results.find(
    ({ object, command, verdict }) =>
      object === name && (command === 'INSERT' || command === 'UPDATE') && verdict !== 'proven',
  )
  if (isCovered && gap === undefined) return results
  const why =
    gap === undefined
      ? `${name} decides who belongs to a tenant and is not classified as a tenant's table`
      : `${gap.role} may be able to ${gap.command} ${name}, which decides who belongs to a tenant: ${gap.reason}`
  return results.map((result) =>
    result.verdict === 'proven' && result.reason !== 'the role holds no such privilege'
      ? { ...result, verdict: 'unknown', reason: why }
      : result,
  )
}
