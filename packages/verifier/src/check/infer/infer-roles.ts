import type { CatalogSnapshot, Policy, Relation } from 'watertight/catalog'
import type { RolesInput } from 'watertight/model'
import { isLiterallyTrue } from '../../expr/mentions.js'
import { anonymous } from '../../graph/without-user.js'
import { concernsRows, outsideTables, whoeverHoldsPublic } from './roles-without-tables.js'

/**
 * The application's role is the one with rights on most tables that it does not own and of which
 * policies show it some rows, then any, or, where nobody has any, the one that policies are for or that may call functions or
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
  const told = new Map<string, number>()
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
      const policies = policiesFor(relation, role)
      if (!relation.rls.enabled || policies.length > 0) {
        reached.set(role, (reached.get(role) ?? 0) + 1)
      }
      if (!relation.rls.enabled || policies.some(tellsRows)) {
        told.set(role, (told.get(role) ?? 0) + 1)
      }
    }
  }
  // Of roles with the same grants, the one is meant that the policies are for.
  const ranked = usersFirst(rank(counts, [told, reached, counts, named]))
  const outside = outsideTables(catalog, bound, owners, named)
  const callers = rank(outside, [outside, named])
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

/** The policies that show the role rows, where Row Level Security is on. */
function policiesFor({ policies }: Relation, role: string): readonly Policy[] {
  return policies.filter(
    ({ permissive, roles }) => permissive && (roles.length === 0 || roles.includes(role)),
  )
}

/** The policy says which rows: a role that backs up or reports is shown all of them. */
function tellsRows({ using, withCheck }: Policy): boolean {
  return [using, withCheck].some((condition) => condition !== null && !isLiterallyTrue(condition))
}

type Counts = ReadonlyMap<string, number>

/** The names that were counted, first those with more by the first score that tells them apart. */
function rank(counted: Counts, scores: readonly Counts[] = [counted]): string[] {
  const scoreOf = (name: string): readonly number[] => scores.map((each) => each.get(name) ?? 0)
  return [...counted.keys()].toSorted((a, b) => {
    const [mine, other] = [scoreOf(a), scoreOf(b)]
    const at = mine.findIndex((value, index) => value !== other[index])
    return at < 0 ? (a < b ? -1 : 1) : (other[at] ?? 0) - (mine[at] ?? 0)
  })
}
