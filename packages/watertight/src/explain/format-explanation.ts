import { denialReasons } from './denial-reasons.js'
import type { DenialExplanation, PolicyVerdict } from './explanation.js'

/**
 * An explanation as text for a developer's terminal, one fact a line.
 *
 * @example
 * ```ts
 * formatExplanation(answer)
 * // SELECT on shop.orders as shop_app (member): hidden
 * //   other-tenant: The row belongs to another tenant than the context.
 * //   claim   tenant_id
 * //   ✗ watertight_member_guard  (restrictive, ALL, USING, stored row)
 * //       ✗ (tenant_id = ( SELECT watertight.tenant_id() AS tenant_id))
 * //   → Run under a context of the tenant that owns the row.
 * ```
 */
export function formatExplanation(explanation: DenialExplanation): string {
  const { command, table, role, mode, outcome, reason, claim, hint, policies } = explanation
  const as = role === null ? '' : ` as ${role}`
  const lines = [
    `${command} on ${table}${as} (${mode ?? 'no context'}): ${outcome}`,
    `  ${reason}: ${denialReasons[reason]}`,
    ...(claim === null ? [] : [`  claim   ${claim}`]),
    ...policies.flatMap(policyLines),
    ...(hint === null ? [] : [`  → ${hint}`]),
  ]
  return lines.map(printable).join('\n')
}

function policyLines(policy: PolicyVerdict): readonly string[] {
  const kind = policy.permissive ? 'permissive' : 'restrictive'
  const head = `  ${mark(policy.verdict)} ${policy.name}  (${kind}, ${policy.command}, ${policy.clause}, ${policy.row} row)`
  const note = policy.note === null ? [] : [`      ${policy.note}`]
  const terms =
    policy.terms.length > 0
      ? policy.terms.map(({ verdict, expression }) => `      ${mark(verdict)} ${expression}`)
      : [`      ${policy.expression}`]
  return [head, ...note, ...terms]
}

function mark(verdict: boolean | null): string {
  return verdict === null ? '?' : verdict ? '✓' : '✗'
}

/** SECURITY: names come from the database; an escape sequence in one must not reach the terminal. */
function printable(line: string): string {
  return line.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}
