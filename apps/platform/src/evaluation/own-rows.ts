import type { TenantContext } from 'watertight/runtime'

/** Belongs to no user, so nothing is owned by it. */
const nobody = '00000000-0000-0000-0000-000000000000'

/**
 * Whose assignments, sessions, submissions and results the caller sees within the org units in
 * scope: a user id for a plain member, null for all of them.
 *
 * SECURITY: whoever is not known to supervise sees their own rows only.
 */
export function ownRowsOf(context: TenantContext): string | null {
  if (context.mode === 'auditor' || context.mode === 'platform') return null
  const capabilities: readonly string[] = context.capabilities
  return capabilities.includes('evaluations.supervise') ? null : (context.userId ?? nobody)
}

/**
 * The org unit to which a list is narrowed beside the policies, or null: a caller of one unit gets
 * plans that start from it. The policies compare with a set that the planner does not know yet.
 */
export function unitOf(context: TenantContext): string | null {
  return context.orgScope === 'unit' ? context.orgUnitId : null
}
