import type { Relation } from '../../catalog/index.js'
import type { BoundTable } from '../bound-model.js'
import { tableGrants } from '../kernel/table-grants.js'
import { callerRoles, disclosureRoles, displayName, roleStepId, runtimeRoles } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { formerRoles } from '../former-roles.js'
import { makeStep } from '../step.js'
import { futureOwner, ownerStepId } from './ownership.js'
import {
  asRole,
  byRole,
  grantStatements,
  privilegeKey,
  privilegesOf,
  revokeOptionStatements,
  revokeStatements,
  summarise,
  withDependents,
} from './privileges.js'
import type { Excess, Privilege } from './privileges.js'
import { rowSecurityStepId } from './row-security.js'

/**
 * Grants on declared tables: what the isolation layer needs, and nothing else for runtime roles and
 * PUBLIC (never TRUNCATE, REFERENCES, TRIGGER or MAINTAIN, nor the right to pass anything on). Other
 * roles are left alone, save for what runtime roles have granted them.
 */
export function planGrants(planning: Planning): readonly Step[] {
  const managed = new Set([
    ...runtimeRoles(planning.model),
    ...disclosureRoles(planning.model),
    ...callerRoles(planning.model),
    ...formerRoles(planning),
  ])
  const declared = planning.tables.flatMap((table) => {
    const owner = futureOwner(planning, table)
    return settle(table.relation, owner, wantedPrivileges(planning, table, owner), managed)
  })
  const strays = planning.unclassified.flatMap((relation) =>
    settle(relation, relation.owner, [], managed),
  )
  return [...declared, ...strays]
}

function wantedPrivileges(
  planning: Planning,
  table: BoundTable,
  grantor: string,
): readonly Privilege[] {
  return tableGrants(planning, table)
    .filter(({ role }) => role !== grantor)
    .flatMap(({ role, commands, columns, written }) => {
      const base = { role, isPublic: false, grantor, grantable: false }
      return [
        ...commands.map((privilege) => ({ ...base, privilege, column: null })),
        ...(columns ?? []).map((column) => ({ ...base, privilege: 'SELECT', column })),
        ...(written ?? []).map(({ command, column }) => ({ ...base, privilege: command, column })),
      ]
    })
}

function settle(
  relation: Relation,
  owner: string,
  wanted: readonly Privilege[],
  managed: ReadonlySet<string>,
): readonly Step[] {
  const wantedKeys = new Set(wanted.map(privilegeKey))
  const actual = privilegesOf(relation, owner)
  const actualKeys = new Set(actual.map(privilegeKey))
  const missing = wanted.filter((privilege) => !actualKeys.has(privilegeKey(privilege)))
  const roots = actual.flatMap((privilege) => {
    const isManaged = privilege.isPublic || managed.has(privilege.role)
    if (!isManaged || privilege.role === owner) return []
    if (!wantedKeys.has(privilegeKey(privilege))) return [{ privilege, optionOnly: false }]
    return privilege.grantable ? [{ privilege, optionOnly: true }] : []
  })
  const excess = roots.length === 0 ? [] : withDependents(actual, roots)
  const isPassedOn = ({ privilege }: Excess): boolean => privilege.grantor !== owner
  return [
    ...passedOnStep(relation, excess.filter(isPassedOn)),
    ...revokeSteps(
      relation,
      excess.filter((item) => !isPassedOn(item)),
      actual.filter((privilege) => wantedKeys.has(privilegeKey(privilege))),
    ),
    ...grantSteps(relation, missing),
  ]
}

/** Privileges that somebody else than the owner has granted, those first that rest on others. */
function passedOnStep(relation: Relation, excess: readonly Excess[]): readonly Step[] {
  if (excess.length === 0) return []
  const object = displayName(relation)
  const privileges = excess.map(({ privilege }) => privilege)
  const roles = [...new Set(privileges.map(({ role }) => role))].join(', ')
  return [
    makeStep({
      id: passedOnStepId(relation),
      object,
      summary: `revoke what others than its owner have granted on ${object} to ${roles}`,
      up: excess.flatMap(({ privilege, optionOnly }) => {
        const revoke = optionOnly ? revokeOptionStatements : revokeStatements
        return revoke(relation, [privilege]).map((text) => asRole(privilege.grantor, text))
      }),
      down: privileges
        .toReversed()
        .flatMap((privilege) =>
          grantStatements(relation, [privilege]).map((text) => asRole(privilege.grantor, text)),
        ),
      requires: [ownerStepId(relation)],
      hazards: [
        { kind: 'NARROWS_ACCESS', object, detail: `${roles} lose ${summarise(privileges)}` },
      ],
      downHazards: [
        { kind: 'WIDENS_ACCESS', object, detail: `${roles} get ${summarise(privileges)} back` },
      ],
    }),
  ]
}

function passedOnStepId(relation: Relation): string {
  return `revoke-passed-on:${displayName(relation)}`
}

/**
 * Privileges that go together with those that are taken: who loses one on a table loses it on each of
 * its columns (manual, REVOKE).
 */
function sweptAlong(
  taken: readonly Privilege[],
  wanted: readonly Privilege[],
): readonly Privilege[] {
  return wanted.filter(
    ({ role, isPublic, privilege, column }) =>
      column !== null &&
      taken.some(
        (item) =>
          item.column === null &&
          item.role === role &&
          item.isPublic === isPublic &&
          item.privilege === privilege,
      ),
  )
}

function revokeSteps(
  relation: Relation,
  excess: readonly Excess[],
  wanted: readonly Privilege[],
): readonly Step[] {
  const object = displayName(relation)
  const optionOnly = new Set(
    excess.filter((item) => item.optionOnly).map(({ privilege }) => privilege),
  )
  return byRole(excess.map(({ privilege }) => privilege)).map(([role, privileges]) =>
    makeStep({
      id: `revoke:${object}:${role}`,
      object,
      summary: `revoke ${summarise(privileges)} on ${object} from ${role}`,
      up: [
        ...revokeStatements(
          relation,
          privileges.filter((privilege) => !optionOnly.has(privilege)),
        ),
        ...revokeOptionStatements(
          relation,
          privileges.filter((privilege) => optionOnly.has(privilege)),
        ),
        ...grantStatements(
          relation,
          sweptAlong(
            privileges.filter((privilege) => !optionOnly.has(privilege)),
            wanted,
          ).map((privilege) => ({ ...privilege, grantable: false })),
        ),
      ],
      down: grantStatements(relation, privileges),
      requires: [ownerStepId(relation), passedOnStepId(relation)],
      hazards: [
        { kind: 'NARROWS_ACCESS', object, detail: `${role} loses ${summarise(privileges)}` },
      ],
      downHazards: [
        { kind: 'WIDENS_ACCESS', object, detail: `${role} gets ${summarise(privileges)} back` },
      ],
    }),
  )
}

function grantSteps(relation: Relation, missing: readonly Privilege[]): readonly Step[] {
  const object = displayName(relation)
  return byRole(missing).map(([role, privileges]) =>
    makeStep({
      id: `grant:${object}:${role}`,
      object,
      summary: `grant ${summarise(privileges)} on ${object} to ${role}`,
      up: grantStatements(relation, privileges),
      down: revokeStatements(relation, privileges),
      // INVARIANT: no runtime role gets a privilege before the table is protected.
      requires: [
        roleStepId(role),
        ownerStepId(relation),
        rowSecurityStepId(relation),
        `revoke:${object}:${role}`,
      ],
    }),
  )
}
