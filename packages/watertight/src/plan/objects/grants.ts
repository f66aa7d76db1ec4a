import type { AclItem, Relation } from '../../catalog/index.js'
import { ident, joinSql, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import type { BoundTable } from '../bound-model.js'
import { tableGrants } from '../kernel/table-grants.js'
import { displayName, kernelOwner, roleStepId, runtimeRoles } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { makeStep } from '../step.js'
import { rowSecurityStepId } from './row-security.js'

/** A table privilege, or a column privilege when `column` is given. */
interface Privilege {
  readonly role: string
  readonly isPublic: boolean
  readonly privilege: string
  readonly column: string | null
  readonly grantable: boolean
}

/**
 * Grants on declared tables: what the isolation layer needs, and nothing else for runtime roles and
 * PUBLIC (never TRUNCATE, REFERENCES, TRIGGER or MAINTAIN). Other roles are left alone.
 */
export function planGrants(planning: Planning): readonly Step[] {
  const managed = new Set(runtimeRoles(planning.model))
  const declared = planning.tables.flatMap((table) =>
    settle(table.relation, wantedPrivileges(planning, table), managed),
  )
  const strays = planning.unclassified.flatMap((relation) => settle(relation, [], managed))
  return [...declared, ...strays]
}

function wantedPrivileges(planning: Planning, table: BoundTable): readonly Privilege[] {
  return tableGrants(planning, table).flatMap(({ role, commands, columns }) => {
    const base = { role, isPublic: false, grantable: false }
    return [
      ...commands.map((privilege) => ({ ...base, privilege, column: null })),
      ...(columns ?? []).map((column) => ({ ...base, privilege: 'SELECT', column })),
    ]
  })
}

function actualPrivileges(relation: Relation): readonly Privilege[] {
  const read = (item: AclItem, column: string | null): Privilege => ({
    role: item.grantee,
    isPublic: item.isPublic,
    privilege: item.privilege,
    column,
    grantable: item.grantable,
  })
  return [
    ...relation.acl.map((item) => read(item, null)),
    ...relation.columns.flatMap(({ name, acl }) => acl.map((item) => read(item, name))),
  ]
}

const keyOf = ({ role, isPublic, privilege, column }: Privilege): string =>
  JSON.stringify([role, isPublic, privilege, column])

function settle(
  relation: Relation,
  wanted: readonly Privilege[],
  managed: ReadonlySet<string>,
): readonly Step[] {
  const wantedKeys = new Set(wanted.map(keyOf))
  const actual = actualPrivileges(relation)
  const actualKeys = new Set(actual.map(keyOf))
  const missing = wanted.filter((privilege) => !actualKeys.has(keyOf(privilege)))
  const excess = actual.filter(
    (privilege) =>
      (privilege.isPublic || managed.has(privilege.role)) &&
      privilege.role !== relation.owner &&
      !wantedKeys.has(keyOf(privilege)),
  )
  return [...revokeSteps(relation, excess), ...grantSteps(relation, missing)]
}

function revokeSteps(relation: Relation, excess: readonly Privilege[]): readonly Step[] {
  return byRole(excess).map(([role, privileges]) =>
    makeStep({
      id: `revoke:${displayName(relation)}:${role}`,
      object: displayName(relation),
      summary: `revoke ${summarise(privileges)} on ${displayName(relation)} from ${role}`,
      up: statements('revoke', relation, privileges),
      down: statements('grant', relation, privileges),
      hazards: [
        {
          kind: 'NARROWS_ACCESS',
          object: displayName(relation),
          detail: `${role} loses ${summarise(privileges)}`,
        },
      ],
      downHazards: [
        {
          kind: 'WIDENS_ACCESS',
          object: displayName(relation),
          detail: `${role} gets ${summarise(privileges)} back`,
        },
      ],
    }),
  )
}

function grantSteps(relation: Relation, missing: readonly Privilege[]): readonly Step[] {
  return byRole(missing).map(([role, privileges]) =>
    makeStep({
      id: `grant:${displayName(relation)}:${role}`,
      object: displayName(relation),
      summary: `grant ${summarise(privileges)} on ${displayName(relation)} to ${role}`,
      up: statements('grant', relation, privileges),
      down: statements('revoke', relation, privileges),
      // INVARIANT: no runtime role gets a privilege before the table is protected.
      requires: [
        roleStepId(role),
        rowSecurityStepId(relation),
        ...privileges.map((privilege) => `revoke:${displayName(relation)}:${privilege.role}`),
      ],
    }),
  )
}

function byRole(privileges: readonly Privilege[]): readonly (readonly [string, Privilege[]])[] {
  const groups = new Map<string, Privilege[]>()
  for (const privilege of privileges) {
    const group = groups.get(privilege.role)
    if (group) group.push(privilege)
    else groups.set(privilege.role, [privilege])
  }
  return [...groups]
}

function summarise(privileges: readonly Privilege[]): string {
  const names = privileges.map(({ privilege, column }) =>
    column === null ? privilege : `${privilege} (${column})`,
  )
  return names.length > 6
    ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
    : names.join(', ')
}

/** One statement per kind of privilege and grant option; column lists are joined. */
function statements(
  verb: 'grant' | 'revoke',
  relation: Relation,
  privileges: readonly Privilege[],
): readonly Sql[] {
  const on = qualifiedName(relation.schema, relation.name)
  const groups = new Map<string, Privilege[]>()
  for (const privilege of privileges) {
    const isColumn = privilege.column !== null
    const key = JSON.stringify([isColumn ? privilege.privilege : '', privilege.grantable])
    groups.set(key, [...(groups.get(key) ?? []), privilege])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const role = first.isPublic ? sql`public` : ident(first.role)
    const option = first.grantable ? sql` with grant option` : sql``
    const what = privilegeList(group)
    return verb === 'grant'
      ? [sql`grant ${what} on ${on} to ${role}${option}`]
      : [sql`revoke ${what} on ${on} from ${role}`]
  })
}

function privilegeList(group: readonly Privilege[]): Sql {
  const columns = group.flatMap(({ column }) => (column === null ? [] : [ident(column)]))
  const names = [...new Set(group.map(({ privilege }) => privilege.toLowerCase()))]
  if (columns.length > 0) return sql`${trustedSql(names[0] ?? '')} (${joinSql(columns)})`
  return trustedSql(names.join(', '))
}

/** USAGE on the schemas that hold declared tables and the kernel; nobody at run time may CREATE. */
export function planSchemaGrants(planning: Planning): readonly Step[] {
  const { model, snapshot } = planning
  const owner = kernelOwner(planning)
  const needed = [...new Set(planning.tables.map(({ relation }) => relation.schema))]
  const runtime = runtimeRoles(model)
  const steps: Step[] = []
  for (const schema of [...needed, 'watertight']) {
    const info = snapshot.schemas.find(({ name }) => name === schema)
    const acl = info?.acl ?? []
    const isKernel = schema === 'watertight'
    const users = isKernel ? runtime : [...runtime, owner]
    const missing = users.filter(
      (role) =>
        role !== info?.owner &&
        !acl.some(({ grantee, privilege }) => grantee === role && privilege === 'USAGE'),
    )
    for (const role of missing) {
      const [on, to] = [ident(schema), ident(role)]
      steps.push(
        makeStep({
          id: `grant:schema:${schema}:${role}`,
          object: schema,
          summary: `grant USAGE on schema ${schema} to ${role}`,
          up: [sql`grant usage on schema ${on} to ${to}`],
          down: [sql`revoke usage on schema ${on} from ${to}`],
          requires: [roleStepId(role), ...(isKernel ? ['schema:watertight'] : [])],
        }),
      )
    }
    for (const { grantee, isPublic, privilege } of acl) {
      if (privilege !== 'CREATE' || !(isPublic || runtime.includes(grantee))) continue
      const [on, from] = [ident(schema), isPublic ? sql`public` : ident(grantee)]
      steps.push(
        makeStep({
          id: `revoke:schema:${schema}:${grantee}`,
          object: schema,
          summary: `revoke CREATE on schema ${schema} from ${grantee}`,
          up: [sql`revoke create on schema ${on} from ${from}`],
          down: [sql`grant create on schema ${on} to ${from}`],
          hazards: [
            {
              kind: 'NARROWS_ACCESS',
              object: schema,
              detail: `${grantee} can no longer create objects`,
            },
          ],
        }),
      )
    }
  }
  return steps
}

/** USAGE on the sequences behind serial columns, for the roles that insert. */
export function planSequenceGrants(planning: Planning): readonly Step[] {
  const byTable = new Map<string, string[]>()
  for (const table of planning.tables) {
    const roles = tableGrants(planning, table)
      .filter(({ commands }) => commands.includes('INSERT'))
      .map(({ role }) => role)
    byTable.set(displayName(table.relation), roles)
  }
  return planning.snapshot.sequences.flatMap((sequence) => {
    const { ownedBy, isIdentity } = sequence
    if (!ownedBy || isIdentity) return []
    const roles = byTable.get(displayName({ schema: ownedBy.schema, name: ownedBy.table })) ?? []
    const missing = roles.filter(
      (role) =>
        !sequence.acl.some(({ grantee, privilege }) => grantee === role && privilege === 'USAGE'),
    )
    const on = qualifiedName(sequence.schema, sequence.name)
    return missing.map((role) =>
      makeStep({
        id: `grant:${displayName(sequence)}:${role}`,
        object: displayName(sequence),
        summary: `grant USAGE on sequence ${displayName(sequence)} to ${role}`,
        up: [sql`grant usage on sequence ${on} to ${ident(role)}`],
        down: [sql`revoke usage on sequence ${on} from ${ident(role)}`],
        requires: [roleStepId(role)],
      }),
    )
  })
}
