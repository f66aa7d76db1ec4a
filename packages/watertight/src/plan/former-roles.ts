import type { BoundModel } from './bound-model.js'
import { policyPrefix } from './kernel/policy-shape.js'
import { callerRoles, disclosureRoles, kernelOwner, runtimeRoles } from './planning.js'

/**
 * Roles that watertight's own policies name and the model no longer does. They lose what they were
 * granted: an earlier declaration made them runtime roles.
 */
export function formerRoles(bound: BoundModel): readonly string[] {
  const named = bound.snapshot.relations.flatMap(({ policies }) =>
    policies.filter(({ name }) => name.startsWith(policyPrefix)).flatMap(({ roles }) => roles),
  )
  const current = new Set([
    ...runtimeRoles(bound.model),
    ...disclosureRoles(bound.model),
    ...callerRoles(bound.model),
    kernelOwner(bound),
  ])
  const { owner, migrator } = bound.model.roles
  return [...new Set(named)].filter(
    (role) => !current.has(role) && role !== owner && role !== migrator,
  )
}
