import { closure } from './reachable-roles.js'
import type { AclItem, CatalogSnapshot } from './snapshot.js'

/** What of a cluster-wide catalog two snapshots are compared by. */
export interface ComparisonOptions {
  /** Roles that count although nothing in the snapshot names them. */
  readonly roles?: readonly string[]
}

/** A snapshot without what is no difference between two databases. */
export type ComparableSnapshot = Omit<CatalogSnapshot, 'server'>

/**
 * The part of a snapshot that describes this database: without the server (who is connected, which
 * minor version) and roles other than the `involved` ones.
 */
export function comparableSnapshot(
  snapshot: CatalogSnapshot,
  involved: ReadonlySet<string>,
): ComparableSnapshot {
  const { server: _server, ...rest } = snapshot
  return {
    ...rest,
    roles: rest.roles.filter(({ name }) => involved.has(name)),
    memberships: rest.memberships.filter(
      ({ role, member }) => involved.has(role) && involved.has(member),
    ),
    settingDefaults: rest.settingDefaults
      .filter(({ role }) => role === null || involved.has(role))
      .map((setting) => ({ ...setting, database: setting.database && 'this database' })),
  }
}

/**
 * Roles that `options` lists or something in the snapshot names, those that reach one of them and
 * those that one of them reaches. Roles are cluster-wide; another database's are no drift here.
 */
export function involvedRoles(
  snapshot: CatalogSnapshot,
  options: ComparisonOptions = {},
): ReadonlySet<string> {
  const named = new Set([...(options.roles ?? []), ...namedRoles(snapshot)])
  const { memberships } = snapshot
  const above = closure(named, memberships, ({ member, role }) => ({ from: member, to: role }))
  const below = closure(named, memberships, ({ member, role }) => ({ from: role, to: member }))
  return new Set([...above, ...below])
}

function* namedRoles(snapshot: CatalogSnapshot): Generator<string> {
  for (const { owner, acl } of [
    snapshot.database,
    ...snapshot.schemas,
    ...snapshot.relations,
    ...snapshot.functions,
    ...snapshot.sequences,
  ]) {
    yield owner
    yield* grantees(acl)
  }
  for (const { columns, policies } of snapshot.relations) {
    for (const { acl } of columns) yield* grantees(acl)
    for (const policy of policies) yield* policy.roles
  }
  for (const { role, acl } of snapshot.defaultPrivileges) {
    yield role
    yield* grantees(acl)
  }
  for (const { role, database } of snapshot.settingDefaults) {
    if (role !== null && database !== null) yield role
  }
}

function* grantees(acl: readonly AclItem[]): Generator<string> {
  for (const { grantee, isPublic } of acl) if (!isPublic) yield grantee
}
