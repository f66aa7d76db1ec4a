import type { CatalogSnapshot, RoleMembership } from './snapshot.js'

/** `inherit`: whose privileges a role has without doing anything; `set`: what it may SET ROLE to. */
export type Reach = 'inherit' | 'set'

/**
 * The role itself and every role it reaches over memberships, all of which have to carry the
 * option (`WITH INHERIT` or `WITH SET`; before PostgreSQL 16 the member's INHERIT attribute, and
 * SET always). A superuser reaches everything; that is not looked at here.
 *
 * @example
 * ```ts
 * // grant reader to app with inherit true, set false
 * rolesReachableFrom(snapshot, 'app', 'inherit') // Set { 'app', 'reader' }
 * rolesReachableFrom(snapshot, 'app', 'set') // Set { 'app' }
 * ```
 */
export function rolesReachableFrom(
  snapshot: CatalogSnapshot,
  role: string,
  reach: Reach,
): ReadonlySet<string> {
  return closure([role], snapshot.memberships, (edge) =>
    edge[reach] ? { from: edge.member, to: edge.role } : null,
  )
}

/**
 * The role itself and every role that reaches it: who has its privileges (`inherit`) or may
 * become it (`set`).
 */
export function rolesReaching(
  snapshot: CatalogSnapshot,
  role: string,
  reach: Reach,
): ReadonlySet<string> {
  return closure([role], snapshot.memberships, (edge) =>
    edge[reach] ? { from: edge.role, to: edge.member } : null,
  )
}

interface Step {
  readonly from: string
  readonly to: string
}

/** Everything that `start` leads to, `start` included, over the steps that memberships allow. */
export function closure(
  start: Iterable<string>,
  memberships: readonly RoleMembership[],
  stepOf: (membership: RoleMembership) => Step | null,
): ReadonlySet<string> {
  const next = new Map<string, string[]>()
  for (const membership of memberships) {
    const step = stepOf(membership)
    if (step === null) continue
    const targets = next.get(step.from)
    if (targets === undefined) next.set(step.from, [step.to])
    else targets.push(step.to)
  }
  const reached = new Set(start)
  for (const role of reached) for (const target of next.get(role) ?? []) reached.add(target)
  return reached
}
