import type { CatalogSnapshot } from 'watertight/catalog'
import type { RolesInput } from 'watertight/model'
import { concernsRows, outsideTables, whoeverHoldsPublic } from './roles-without-tables.js'

/**
 * The application's role is the one with most rights on tables that it does not own, or, where
 * nobody has any, the one that policies are for or that may call functions or make objects, the role
 * that owns tables, or one of those that hold what is granted to everybody. A role that may only read is taken for
 * the public one. Names mean nothing here.
 */
export function inferRoles(catalog: CatalogSnapshot): RolesInput {
  // Roles that policies do not bind are for administration, whatever they were granted.
  const superusers = new Set(
    catalog.roles.filter((role) => role.superuser || role.bypassRls).map((role) => role.name),
  )
  const gateways = gatewaysTo(catalog, superusers)
  const bound = new Set(
    catalog.roles
      .map(({ name }) => name)
      .filter((name) => !superusers.has(name) && !gateways.has(name) && !name.startsWith('pg_')),
  )
  const named = new Map<string, number>()
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
    for (const { grantee, privilege } of items.filter(concernsRows)) {
      if (grantee === relation.owner || !bound.has(grantee)) continue
      counts.set(grantee, (counts.get(grantee) ?? 0) + 1)
      grants.set(grantee, (grants.get(grantee) ?? new Set()).add(privilege))
    }
  }
  // Of roles with the same grants, the one is meant that the policies are for.
  const ranked = rank(counts, named)
  const callers = rank(outsideTables(catalog, bound, owners, named), named)
  const login = new Set(catalog.roles.filter((role) => role.canLogin).map((role) => role.name))
  const owning = rank(owners).filter((name) => bound.has(name))
  const app =
    ranked[0] ??
    callers[0] ??
    owning.find((name) => login.has(name)) ??
    whoeverHoldsPublic(catalog, bound) ??
    owning[0]
  const reader = ranked.find((name) => name !== app && grants.get(name)?.size === 1)
  const owner = rank(owners).find((name) => name !== app && !superusers.has(name))
  return {
    ...(app === undefined ? {} : { app }),
    owner: owner ?? null,
    public: reader ?? null,
    migrator: null,
    auditor: null,
    worker: [...ranked, ...callers].find((name) => name !== app && name !== reader) ?? null,
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
