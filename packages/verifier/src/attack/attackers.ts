import type { Relation, RoleInfo } from 'watertight/catalog'
import type { RuntimeRole } from 'watertight/model'
import { objectName } from '../graph/object-name.js'
import type { LintInput } from '../lint/rule.js'

/** A role that the attacks run as. */
export interface Attacker {
  readonly name: string
  /** What the model says it is for; an undeclared role acts as a job of one tenant. */
  readonly kind: RuntimeRole
  readonly isDeclared: boolean
}

/** A role that the model does not name and that no policy binds: said, never called a leak. */
export interface PrivilegedRole {
  readonly name: string
  readonly power: string
  /** Protected tables on which it holds privileges. */
  readonly tables: readonly string[]
}

/**
 * The model's runtime roles, and every other role that may log in, or that a gateway becomes, and holds privileges on a
 * protected table. Roles that are there to see everything are left out: {@link privilegedRoles}.
 */
export function attackersOf(input: LintInput): readonly Attacker[] {
  const known = remembered.get(input)
  if (known !== undefined) return known
  const found = findAttackers(input)
  remembered.set(input, found)
  return found
}

const remembered = new WeakMap<LintInput, readonly Attacker[]>()

function findAttackers(input: LintInput): readonly Attacker[] {
  const declared = input.roles.map(({ name, kind }) => ({ name, kind, isDeclared: true }))
  const self = input.catalog.server.currentUser
  const { reachable } = input.access.closure(self)
  const others = undeclaredRoles(input)
    .filter(({ name }) => name !== self && reachable.has(name))
    .filter(({ name }) => powerOf(input, name) === null)
    .map(({ name }) => ({ name, kind: 'worker' as const, isDeclared: false }))
  return [...declared, ...others]
}

/** Undeclared roles with rights on protected tables that go round policies by what they are. */
export function privilegedRoles(input: LintInput): readonly PrivilegedRole[] {
  return undeclaredRoles(input).flatMap(({ name }) => {
    const power = powerOf(input, name)
    if (power === null) return []
    const tables = tablesOf(input)
      .filter((relation) => holdsOn(input, name, relation))
      .map(objectName)
    return [{ name, power, tables }]
  })
}

/** Commands that show or change rows. */
const privileges = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const

function undeclaredRoles(input: LintInput): readonly RoleInfo[] {
  const { model, catalog } = input
  const named = new Set<string | null>(Object.values(model.roles))
  const tables = tablesOf(input)
  const behind = behindGateways(input)
  return catalog.roles.filter(
    (role) =>
      (role.canLogin || behind.has(role.name)) &&
      !role.superuser &&
      !role.name.startsWith('pg_') &&
      !named.has(role.name) &&
      mayConnect(input, role.name) &&
      tables.some((relation) => holdsOn(input, role.name, relation)),
  )
}

/**
 * Roles that one takes on with SET ROLE whom no policy binds, as the gateway of an API does for each
 * request. What the gateway itself may do shows nothing of them.
 */
function behindGateways({ catalog, access }: LintInput): ReadonlySet<string> {
  const unbound = catalog.roles.filter(({ superuser, bypassRls }) => superuser || bypassRls)
  const gateways = catalog.roles.filter(
    ({ name, canLogin, superuser, bypassRls, inherit }) =>
      canLogin &&
      !superuser &&
      !bypassRls &&
      !inherit &&
      unbound.some((other) => access.closure(name).reachable.has(other.name)),
  )
  return new Set(
    catalog.memberships.flatMap(({ member, role }) =>
      gateways.some(({ name }) => name === member) ? [role] : [],
    ),
  )
}

function tablesOf({ tables }: LintInput): readonly Relation[] {
  return tables.tables
    .filter(({ name }) => tables.isProtected(name))
    .map(({ relation }) => relation)
}

/**
 * The role holds a privilege as itself or as a role that it is a member of, or a policy names it
 * where everybody holds one. What everybody holds and no policy adds to, the runtime roles hold too.
 */
function holdsOn({ access }: LintInput, role: string, relation: Relation): boolean {
  const { reachable } = access.closure(role)
  const isNamed = relation.policies.some(({ roles }) => roles.some((name) => reachable.has(name)))
  const items = [relation, ...relation.columns].flatMap(({ acl }) => acl)
  const holds =
    reachable.has(relation.owner) ||
    items.some((item) => (item.isPublic ? isNamed : reachable.has(item.grantee)))
  return holds && privileges.some((privilege) => access.can(role, privilege, relation))
}

function mayConnect({ access, catalog }: LintInput, role: string): boolean {
  const { owner, acl } = catalog.database
  const { reachable } = access.closure(role)
  return (
    reachable.has(owner) ||
    acl.some(
      ({ privilege, isPublic, grantee }) =>
        privilege === 'CONNECT' && (isPublic || reachable.has(grantee)),
    )
  )
}

/** Why policies do not bind a role, whatever they say; null for a role that they bind. */
function powerOf(input: LintInput, role: string): string | null {
  const { access, catalog, model } = input
  const { reachable } = access.closure(role)
  const inherited = [...reachable]
  const held = catalog.roles.filter(({ name }) => inherited.includes(name))
  if (held.some(({ superuser }) => superuser)) return 'it is, or can become, a superuser'
  if (held.some(({ bypassRls }) => bypassRls)) return 'it has, or can get, BYPASSRLS'
  // pg_read_all_data is no such power: policies bind its members (manual, section 22.5).
  const isOwner = inherited.some(
    (name) =>
      name === model.roles.owner ||
      name === model.roles.migrator ||
      tablesOf(input).some(({ owner }) => owner === name),
  )
  return isOwner ? 'it is, or can become, the owner of the tables' : null
}
