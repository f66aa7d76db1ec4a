import type { AclItem, CatalogSnapshot, FunctionInfo, Policy, Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import { roleClosures } from './role-closure.js'
import type { RoleClosure } from './role-closure.js'

/** Who reaches what as whom, answered from one snapshot. */
export interface Access {
  closure(role: string): RoleClosure
  /** The role may run `privilege` on the relation or on at least one of its columns. */
  can(role: string, privilege: string, relation: Relation): boolean
  /** Columns on which the role may use `privilege`. */
  columns(role: string, privilege: string, relation: Relation): readonly string[]
  canExecute(role: string, fn: FunctionInfo): boolean
  isSuperuser(role: string): boolean
  /** Row Level Security does not apply to the role on this relation. */
  bypassesRls(role: string, relation: Relation): boolean
  /** The role is, or can become, the owner. */
  canOwn(role: string, relation: { readonly owner: string }): boolean
  /** Policies of the relation that apply when the role runs `command`. */
  policies(role: string, command: Command, relation: Relation): readonly Policy[]
}

const readAll = 'pg_read_all_data'
const writeAll = 'pg_write_all_data'

/** Builds {@link Access} over a snapshot. */
export function accessOf(catalog: CatalogSnapshot): Access {
  const closure = roleClosures(catalog)
  const roles = new Map(catalog.roles.map((role) => [role.name, role]))
  const schemas = new Map(catalog.schemas.map((schema) => [schema.name, schema]))

  const reaches = (role: string, name: string): boolean => closure(role).reachable.has(name)
  const some = (role: string, test: (name: string) => boolean): boolean =>
    [...closure(role).reachable].some(test)
  const isSuperuser = (role: string): boolean =>
    some(role, (name) => roles.get(name)?.superuser === true)
  const granted = (role: string, acl: readonly AclItem[], privilege: string): boolean =>
    acl.some(
      (item) => item.privilege === privilege && (item.isPublic || reaches(role, item.grantee)),
    )
  const predefined = (role: string, privilege: string): boolean =>
    privilege === 'SELECT' || privilege === 'USAGE'
      ? reaches(role, readAll) || (privilege === 'USAGE' && reaches(role, writeAll))
      : ['INSERT', 'UPDATE', 'DELETE'].includes(privilege) && reaches(role, writeAll)
  const usesSchema = (role: string, name: string): boolean => {
    const schema = schemas.get(name)
    if (schema === undefined) return true
    return (
      isSuperuser(role) ||
      reaches(role, schema.owner) ||
      predefined(role, 'USAGE') ||
      granted(role, schema.acl, 'USAGE')
    )
  }
  const onWhole = remembered(
    (role: string, privilege: string, relation: Relation): boolean =>
      isSuperuser(role) ||
      reaches(role, relation.owner) ||
      predefined(role, privilege) ||
      granted(role, relation.acl, privilege),
  )
  const columns = remembered(
    (role: string, privilege: string, relation: Relation): readonly string[] => {
      if (!usesSchema(role, relation.schema)) return []
      const whole = onWhole(role, privilege, relation)
      return relation.columns
        .filter((column) => whole || granted(role, column.acl, privilege))
        .map((column) => column.name)
    },
  )

  return {
    closure,
    columns,
    isSuperuser,
    can: (role, privilege, relation) =>
      usesSchema(role, relation.schema) &&
      (onWhole(role, privilege, relation) || columns(role, privilege, relation).length > 0),
    canExecute: (role, fn) =>
      usesSchema(role, fn.schema) &&
      (isSuperuser(role) || reaches(role, fn.owner) || granted(role, fn.acl, 'EXECUTE')),
    bypassesRls: (role, relation) =>
      some(role, (name) => {
        const info = roles.get(name)
        return info?.superuser === true || info?.bypassRls === true
      }) ||
      (reaches(role, relation.owner) && !relation.rls.forced),
    canOwn: (role, relation) => reaches(role, relation.owner),
    policies: (role, command, relation) =>
      relation.policies.filter(
        (policy) =>
          (policy.command === 'ALL' || policy.command === command) &&
          (policy.roles.length === 0 || policy.roles.some((name) => reaches(role, name))),
      ),
  }
}

type Answer<Value> = (role: string, privilege: string, relation: Relation) => Value

/** Attacks and rules ask the same of a snapshot many times. */
function remembered<Value>(derive: Answer<Value>): Answer<Value> {
  const known = new WeakMap<Relation, Map<string, Value>>()
  return (role, privilege, relation) => {
    const ofRelation = known.get(relation) ?? new Map<string, Value>()
    known.set(relation, ofRelation)
    const key = `${privilege} ${role}`
    const found = ofRelation.get(key)
    if (found !== undefined) return found
    const value = derive(role, privilege, relation)
    ofRelation.set(key, value)
    return value
  }
}
