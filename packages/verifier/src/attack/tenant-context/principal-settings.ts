import type { LintInput } from '../../lint/rule.js'
import type { Principal } from '../principals.js'
import type { ContextSettings } from '../session.js'
import { claimsContext, plainContext } from './plain-context.js'

/** What the application sets for somebody before it writes; nothing where that has to be signed. */
export function principalSettings(
  { model, roles }: Pick<LintInput, 'model' | 'roles'>,
  principal: Principal,
): ContextSettings {
  const { context } = model
  const [role] = roles
  if (context.kind === 'signed' || role === undefined) return []
  const maker =
    context.kind === 'guc' ? plainContext(context, []) : claimsContext(context, () => false)
  const made = maker.make(principal, role)
  return typeof made === 'string' ? [] : made
}
