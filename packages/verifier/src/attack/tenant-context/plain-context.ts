import type { GucContext, JwtClaimsContext, MembershipContext } from 'watertight/model'
import type { ContextMaker } from './made-context.js'

/** Plain settings, one per claim. */
export function plainContext(context: GucContext, orgUnits: readonly string[]): ContextMaker {
  const names = [context.tenant, context.user, context.orgUnits, context.orgScope]
  return {
    leftover: names.filter((name) => name !== null).map((name) => [name, ''] as const),
    make: ({ tenant, user }) => [
      [context.tenant, tenant] as const,
      ...(context.user !== null && user !== null ? [[context.user, user] as const] : []),
      ...(context.orgUnits === null ? [] : [[context.orgUnits, orgUnits.join(',')] as const]),
      ...(context.orgScope === null ? [] : [[context.orgScope, 'all'] as const]),
    ],
  }
}

/** One setting with a JSON object of claims, or with the user alone. */
export function claimsContext(
  context: JwtClaimsContext | MembershipContext,
  isWithoutUser: (role: string) => boolean,
): ContextMaker {
  const guc = context.kind === 'membership' ? context.user.guc : context.guc
  return {
    leftover: [[guc, '']],
    make: ({ tenant, user }, role) => {
      if (isWithoutUser(role.name)) return [[guc, JSON.stringify({ role: role.name })]]
      if (context.kind === 'membership') {
        if (user === null) return 'no user belongs to one of the two tenants only'
        const { claim } = context.user
        return [[guc, claim === null ? user : JSON.stringify(withPointer({}, claim, user))]]
      }
      // Who verifies the token and sets the claims runs the request as the role that it names.
      const claims = withPointer({ role: role.name }, context.tenant, tenant)
      if (context.user !== null && user !== null) withPointer(claims, context.user, user)
      return [[guc, JSON.stringify(claims)]]
    },
  }
}

type Claims = { [name: string]: string | Claims }

/** Sets the value at a JSON pointer (RFC 6901), making objects on the way. */
function withPointer(claims: Claims, pointer: string, value: string): Claims {
  const parts = pointer
    .replace(/^\//, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  let place = claims
  for (const part of parts.slice(0, -1)) {
    const next = place[part]
    const inner: Claims = typeof next === 'object' ? next : {}
    place[part] = inner
    place = inner
  }
  place[parts.at(-1) ?? ''] = value
  return claims
}
