import { ident, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { LintInput } from '../../lint/rule.js'
import { held, inconclusive } from '../attack.js'
import type { Outcome, Probe } from '../attack.js'
import { blindWrite, keyNote } from '../blind-write.js'
import type { Target } from '../target.js'

/** MERGE finds rows by the key, which the role must be allowed to read. */
export function canMatch(input: LintInput, target: Target, role: string): boolean {
  const { keyColumn, table } = target
  return (
    keyColumn !== null && input.access.columns(role, 'SELECT', table.relation).includes(keyColumn)
  )
}

/**
 * Runs one arm of MERGE over rows of the victim, then over its own. `values` are parameters from
 * `$2` on; `$1` is whose rows are matched.
 */
export async function mergeMatched(
  probe: Probe,
  arm: Sql,
  values: readonly unknown[],
  what: string,
): Promise<Outcome> {
  const { target } = probe
  const key = ident(target.keyColumn ?? '')
  const statement = sql`merge into ${target.name} r using (select $1::${target.keyType} as key) s on r.${key} = s.key when matched then ${arm}`
  const attack = await blindWrite(probe, probe.context, statement, [probe.foreign, ...values])
  if (attack.foreign > 0) return { kind: 'leak', statement, what: what + keyNote(attack) }
  const control = await blindWrite(probe, probe.context, statement, [probe.own, ...values])
  if (!control.step.ok) {
    return inconclusive(`MERGE of its own rows fails with ${control.step.sqlState}`)
  }
  if (control.own === 0) return inconclusive('MERGE does not reach its own rows')
  if (attack.step.ok || refusals.has(attack.step.sqlState)) return held
  return inconclusive(`the attack fails with ${attack.step.sqlState}, not by a policy`)
}

/** 42501: policy or grant. P0001: a trigger's own exception. */
const refusals: ReadonlySet<string> = new Set(['42501', 'P0001'])
