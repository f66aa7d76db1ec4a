import type { RolesInput } from '../tenancy-input.js'
import type { RoleNames } from '../tenancy-model.js'
import { defaultRolePrefix, roleKinds, rolePrefixFault, rolesByPrefix } from './role-names.js'

/** Names by prefix, with the exceptions. */
function withPrefix(roles: RoleNames, prefix: string): RolesInput {
  const byPrefix = rolesByPrefix(prefix)
  const exceptions = roleKinds.filter((kind) => roles[kind] !== byPrefix[kind])
  return {
    ...((prefix !== defaultRolePrefix || exceptions.length > 0) && { prefix }),
    ...Object.fromEntries(exceptions.map((kind) => [kind, roles[kind]])),
  }
}

/** The prefix that the roles are named by; null when the app role says that they are not. */
export function rolePrefixOf(roles: RoleNames): string | null {
  const prefix = /^(.+)_app$/s.exec(roles.app)?.[1]
  return prefix === undefined || rolePrefixFault(prefix) !== null ? null : prefix
}

/** The shorter of the two ways to name roles: by prefix with exceptions, or one by one. */
export function rolesToInput(roles: RoleNames): RolesInput {
  const named = roleKinds.filter((kind) => roles[kind] !== null)
  const oneByOne: RolesInput = Object.fromEntries(named.map((kind) => [kind, roles[kind]]))
  const prefix = rolePrefixOf(roles)
  if (prefix === null) return oneByOne
  const byPrefix = withPrefix(roles, prefix)
  return Object.keys(byPrefix).length <= named.length ? byPrefix : oneByOne
}
