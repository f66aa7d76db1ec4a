import type { CatalogSnapshot, Relation } from 'watertight/catalog'
import type { RolesInput } from 'watertight/model'
import { anonymous } from '../../graph/without-user.js'
import { concernsRows, outsideTables, whoeverHoldsPublic } from './roles-without-tables.js'

/**
 * The application's role is the one with rights on most tables that it does not own and that policies
 * let it into, or, where nobody has any, the one that policies are for or that may call functions or
 * make objects, the role that owns tables (one that may log in, unless none may: dumps hold no roles),
 * or one of those that hold what is granted to everybody. A role that may only read is taken for the
 * public one. Names mean nothing here, but that a gateway's role for requests without a user comes
 * after the one for users: such gateways are granted everything for both.
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
  const reached = new Map<string, number>()
  const counts = new Map<string, number>()
  const owners = new Map<string, number>()
  for (const relation of catalog.relations) {
    if (relation.schema === 'watertight') continue
    owners.set(relation.owner, (owners.get(relation.owner) ?? 0) + 1)
    for (const role of relation.policies.flatMap(({ roles }) => roles)) {
      named.set(role, (named.get(role) ?? 0) + 1)
    }
    const grantees = new Set<string>()
    const items = [...relation.acl, ...relation.columns.flatMap((column) => column.acl)]
    for (const { grantee, privilege } of items.filter(concernsRows)) {
      if (grantee === relation.owner || !bound.has(grantee)) continue
      counts.set(grantee, (counts.get(grantee) ?? 0) + 1)
      grants.set(grantee, (grants.get(grantee) ?? new Set()).add(privilege))
      grantees.add(grantee)
    }
    for (const role of grantees) {
      if (letsIn(relation, role)) reached.set(role, (reached.get(role) ?? 0) + 1)
    }
  }
  // Of roles with the same grants, the one is meant that the policies are for.
  const ranked = usersFirst(rank(counts, reached, named))
  const callers = rank(outsideTables(catalog, bound, owners, named), undefined, named)
  const login = new Set(catalog.roles.filter((role) => role.canLogin).map((role) => role.name))
  const owning = rank(owners).filter((name) => !superusers.has(name))
  const app =
    ranked[0] ??
    callers[0] ??
    owning.find((name) => login.has(name) && bound.has(name)) ??
    whoeverHoldsPublic(catalog, bound) ??
    owning.find((name) => bound.has(name))
  const reader = ranked.find((name) => name !== app && grants.get(name)?.size === 1)
  const owner = owning.find((name) => name !== app)
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

/** A hosted gateway's role for requests without a user is last where there is the one for users. */
function usersFirst(names: readonly string[]): readonly string[] {
  if (!names.includes('authenticated')) return names
  return names.toSorted((a, b) => Number(a === anonymous) - Number(b === anonymous))
}

/** Roles that become others, and one among them that no policy binds: requests run as the others. */
function gatewaysTo(
  { memberships }: CatalogSnapshot,
  unbound: ReadonlySet<string>,
): ReadonlySet<string> {
  return new Set(memberships.flatMap(({ member, role }) => (unbound.has(role) ? [member] : [])))
}

/** False when Row Level Security shows the role no row, whatever it was granted. */
function letsIn({ rls, policies }: Relation, role: string): boolean {
  if (!rls.enabled) return true
  return policies.some(
    ({ permissive, roles }) => permissive && (roles.length === 0 || roles.includes(role)),
  )
}

type Counts = ReadonlyMap<string, number>

/** The names that were counted, those with more before; what ties is told apart by the next count. */
function rank(counts: Counts, reached: Counts = new Map(), named: Counts = new Map()): string[] {
  const score = (name: string): readonly number[] =>
    [reached, counts, named].map((each) => each.get(name) ?? 0)
  return [...counts.keys()].toSorted((a, b) => {
    const [mine, other] = [score(a), score(b)]
    const at = mine.findIndex((value, index) => value !== other[index])
    return at < 0 ? (a < b ? -1 : 1) : (other[at] ?? 0) - (mine[at] ?? 0)
  })
}
