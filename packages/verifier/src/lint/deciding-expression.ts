import type { Policy } from 'watertight/catalog'
import type { Command } from 'watertight/model'

/** Which clause of a policy decides. */
export type Clause = 'USING' | 'WITH CHECK'

/** The expression that decides about existing (`USING`) or new rows, and the clause it stands in. */
export function decidingExpression(
  policy: Policy,
  command: Command,
  phase: Clause,
): readonly [Clause, string] | null {
  if (phase === 'USING') {
    if (command === 'INSERT' || policy.using === null) return null
    return ['USING', policy.using]
  }
  if (command !== 'INSERT' && command !== 'UPDATE') return null
  if (policy.withCheck !== null) return ['WITH CHECK', policy.withCheck]
  // Without WITH CHECK the USING condition serves for new rows (manual, CREATE POLICY).
  return policy.using === null ? null : ['USING', policy.using]
}
