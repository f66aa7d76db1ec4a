import type { CatalogSnapshot } from 'watertight/catalog'
import type { RolesInput } from 'watertight/model'

const dml: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE'])

/**
 * The application's role is the one with most rights on tables that it does not own, or, where
 * nothing is granted, the login role that owns tables. A role that may only read is taken for the
 * public one. Names mean nothing here.
 */
export function inferRoles(catalog: CatalogSnapshot): RolesInput {
  // Roles that policies do not bind are for administration, whatever they were granted.
  const superusers = new Set(
    catalog.roles.filter((role) => role.superuser || role.bypassRls).map((role) => role.name),
  )
  const gateways = gatewaysTo(catalog, superusers)
  const named = new Map<string, number>()
  const known = new Set(catalog.roles.map((role) => role.name))
  const grants = new Map<string, Set<string>>()
  const counts = new Map<string, number>()
  const owners = new Map<string, number>()
  for (const relation of catalog.relations) {
    if (relation.schema === 'watertight') continue
    owners.set(relation.owner, (owners.get(relation.owner) ?? 0) + 1)
    for (const role of relation.policies.flatMap(({ roles }) => roles)) {
      named.set(role, (named.get(role) ?? 0) + 1)
    }
    const items = [...relation.acl, ...relation.columns.flatMap((column) => column.acl)]
    for (const { grantee, isPublic, privilege } of items) {
      if (isPublic || !dml.has(privilege) || grantee === relation.owner) continue
      if (
        superusers.has(grantee) ||
        gateways.has(grantee) ||
        grantee.startsWith('pg_') ||
        !known.has(grantee)
      )
        continue
      counts.set(grantee, (counts.get(grantee) ?? 0) + 1)
      grants.set(grantee, (grants.get(grantee) ?? new Set()).add(privilege))
    }
  }
  // Of roles with the same grants, the one is meant that the policies are for.
  const ranked = rank(counts, named)
  const login = new Set(catalog.roles.filter((role) => role.canLogin).map((role) => role.name))
  const app = ranked[0] ?? rank(owners).find((name) => login.has(name) && !superusers.has(name))
  const reader = ranked.find((name) => name !== app && grants.get(name)?.size === 1)
  const owner = rank(owners).find((name) => name !== app && !superusers.has(name))
  return {
    ...(app === undefined ? {} : { app }),
    owner: owner ?? null,
    public: reader ?? null,
    migrator: null,
    auditor: null,
    worker: ranked.find((name) => name !== app && name !== reader) ?? null,
    platform: null,
  }
}

/** Roles that become others, and one among them that no policy binds: requests run as the others. */
function gatewaysTo(
  { memberships }: CatalogSnapshot,
  unbound: ReadonlySet<string>,
): ReadonlySet<string> {
  return new Set(memberships.flatMap(({ member, role }) => (unbound.has(role) ? [member] : [])))
}

function rank(
  counts: ReadonlyMap<string, number>,
  named: ReadonlyMap<string, number> = new Map(),
): readonly string[] {
  const policies = (name: string): number => named.get(name) ?? 0
  return [...counts]
    .toSorted(([a, n], [b, m]) => m - n || policies(b) - policies(a) || (a < b ? -1 : 1))
    .map(([name]) => name)
}
