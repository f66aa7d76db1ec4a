import type { AclItem, Relation } from '../../catalog/index.js'
import {
  dollarQuoted,
  ident,
  joinSql,
  literal,
  qualifiedName,
  sql,
  trustedSql,
} from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'

/** A table privilege, or a column privilege when `column` is given. */
export interface Privilege {
  readonly role: string
  readonly isPublic: boolean
  readonly grantor: string
  readonly privilege: string
  readonly column: string | null
  readonly grantable: boolean
}

/** What two privileges have in common that allow the same to the same role. */
export function privilegeKey({ role, isPublic, privilege, column }: Privilege): string {
  return JSON.stringify([role, isPublic, privilege, column])
}

/** The privileges on a relation and its columns, as they are when `owner` owns it. */
export function privilegesOf(relation: Relation, owner: string): readonly Privilege[] {
  // ALTER TABLE … OWNER TO puts the new owner in the place of the old one in every ACL.
  const named = (role: string): string => (role === relation.owner ? owner : role)
  const read = (item: AclItem, column: string | null): Privilege => ({
    role: item.isPublic ? item.grantee : named(item.grantee),
    isPublic: item.isPublic,
    grantor: named(item.grantor),
    privilege: item.privilege,
    column,
    grantable: item.grantable,
  })
  return [
    ...relation.acl.map((item) => read(item, null)),
    ...relation.columns.flatMap(({ name, acl }) => acl.map((item) => read(item, name))),
  ]
}

/** What is to be taken: whole privileges, or the right to pass them on. */
export interface Excess {
  readonly privilege: Privilege
  readonly optionOnly: boolean
}

/**
 * `roots` and what was passed on by roles that lose the right to: those first, since a privilege
 * that others depend on cannot be revoked (manual, REVOKE).
 */
export function withDependents(
  all: readonly Privilege[],
  roots: readonly Excess[],
): readonly Excess[] {
  const taken = new Map(roots.map((excess) => [excess.privilege, excess]))
  const keepsOption = (role: string, { privilege, column }: Privilege): boolean =>
    all.some(
      (held) =>
        held.role === role &&
        held.privilege === privilege &&
        held.column === column &&
        held.grantable &&
        !taken.has(held),
    )
  for (let grew = true; grew;) {
    grew = false
    for (const item of all) {
      if (taken.get(item)?.optionOnly === false) continue
      const losesSource = [...taken.keys()].some(
        (source) =>
          source.role === item.grantor &&
          source.privilege === item.privilege &&
          source.column === item.column,
      )
      if (!losesSource || keepsOption(item.grantor, item)) continue
      taken.set(item, { privilege: item, optionOnly: false })
      grew = true
    }
  }
  return leavesFirst([...taken.values()])
}

function leavesFirst(items: readonly Excess[]): readonly Excess[] {
  const ordered: Excess[] = []
  let rest = items
  while (rest.length > 0) {
    const isSource = ({ privilege: source }: Excess): boolean =>
      rest.some(
        ({ privilege: item }) =>
          item !== source &&
          item.grantor === source.role &&
          item.privilege === source.privilege &&
          item.column === source.column,
      )
    const leaves = rest.filter((item) => !isSource(item))
    if (leaves.length === 0) return [...ordered, ...rest]
    ordered.push(...leaves)
    rest = rest.filter((item) => !leaves.includes(item))
  }
  return ordered
}

/** Privileges grouped by the role that has them. */
export function byRole(
  privileges: readonly Privilege[],
): readonly (readonly [string, readonly Privilege[]])[] {
  const groups = new Map<string, Privilege[]>()
  for (const privilege of privileges) {
    // A role may be called "PUBLIC", as everyone is in an ACL.
    const key = `${privilege.isPublic ? 'everyone' : 'role'} ${privilege.role}`
    const group = groups.get(key)
    if (group) group.push(privilege)
    else groups.set(key, [privilege])
  }
  return [...groups.values()].map((group) => [group[0]?.role ?? '', group])
}

/** Privileges in a line for people. */
export function summarise(privileges: readonly Privilege[]): string {
  const names = privileges.map(({ privilege, column }) =>
    column === null ? privilege : `${privilege} (${column})`,
  )
  return names.length > 6
    ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
    : names.join(', ')
}

/** One statement per kind of privilege and grant option; column lists are joined. */
export function grantStatements(
  relation: Relation,
  privileges: readonly Privilege[],
): readonly Sql[] {
  return statements(relation, privileges, (group) => {
    const option = group[0]?.grantable ? sql` with grant option` : sql``
    return { verb: sql`grant`, preposition: sql`to`, option }
  })
}

export function revokeStatements(
  relation: Relation,
  privileges: readonly Privilege[],
): readonly Sql[] {
  return statements(relation, privileges, () => ({
    verb: sql`revoke`,
    preposition: sql`from`,
    option: sql``,
  }))
}

/** Takes the right to pass privileges on, and leaves the privileges. */
export function revokeOptionStatements(
  relation: Relation,
  privileges: readonly Privilege[],
): readonly Sql[] {
  return statements(relation, privileges, () => ({
    verb: sql`revoke grant option for`,
    preposition: sql`from`,
    option: sql``,
  }))
}

interface Phrase {
  readonly verb: Sql
  readonly preposition: Sql
  readonly option: Sql
}

function statements(
  relation: Relation,
  privileges: readonly Privilege[],
  phrase: (group: readonly Privilege[]) => Phrase,
): readonly Sql[] {
  const on = qualifiedName(relation.schema, relation.name)
  const groups = new Map<string, Privilege[]>()
  for (const item of privileges) {
    const kind = item.column === null ? '' : item.privilege
    const key = JSON.stringify([kind, item.role, item.isPublic, item.grantable])
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { verb, preposition, option } = phrase(group)
    const role = first.isPublic ? sql`public` : ident(first.role)
    return [sql`${verb} ${privilegeList(group)} on ${on} ${preposition} ${role}${option}`]
  })
}

function privilegeList(group: readonly Privilege[]): Sql {
  const columns = group.flatMap(({ column }) => (column === null ? [] : [ident(column)]))
  const names = [...new Set(group.map(({ privilege }) => privilege.toLowerCase()))]
  if (columns.length > 0) return sql`${trustedSql(names[0] ?? '')} (${joinSql(columns)})`
  return trustedSql(names.join(', '))
}

/**
 * Runs a statement as the role that has granted a privilege: only the grantor can revoke it, and
 * GRANTED BY names nobody but the current role (manual, GRANT).
 */
export function asRole(role: string, statement: Sql): Sql {
  const body = sql`
declare
  before text := current_setting('role');
begin
  perform set_config('role', ${literal(role)}, true);
  ${statement};
  perform set_config('role', before, true);
end
`
  return sql`do ${dollarQuoted(body)}`
}
