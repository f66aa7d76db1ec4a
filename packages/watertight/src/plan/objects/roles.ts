import { dollarQuoted, ident, literal, sql } from '../../sql/index.js'
import { callerRoles, disclosureRoles, roleStepId, runtimeRoles } from '../planning.js'
import type { Planning } from '../planning.js'
import { makeStep } from '../step.js'
import type { Step } from '../plan.js'

/**
 * Roles that the model names and the cluster lacks, and powers that no runtime role may have.
 * Roles belong to the whole cluster: the reverse of a creation leaves a role that another database
 * still uses. No password is ever written; set it with `ALTER ROLE … PASSWORD`.
 */
export function planRoles(planning: Planning): readonly Step[] {
  const { model, snapshot } = planning
  const { owner, migrator } = model.roles
  const existing = new Map(snapshot.roles.map((role) => [role.name, role]))
  const steps: Step[] = []

  const missing = [
    ...(owner === null ? [] : [{ role: owner, login: false }]),
    ...(migrator === null ? [] : [{ role: migrator, login: true }]),
    ...runtimeRoles(model).map((role) => ({ role, login: true })),
    ...disclosureRoles(model).map((role) => ({ role, login: false })),
    ...callerRoles(model).map((role) => ({ role, login: true })),
  ].filter(({ role }) => !existing.has(role))
  for (const { role, login } of missing) steps.push(createRole(role, login))

  for (const role of [...runtimeRoles(model), ...disclosureRoles(model), ...callerRoles(model)]) {
    const found = existing.get(role)
    if (found?.superuser) steps.push(removePower(role, 'superuser'))
    if (found?.bypassRls) steps.push(removePower(role, 'bypassrls'))
  }
  return [...steps, ...planMemberships(planning)]
}

function createRole(role: string, login: boolean): Step {
  const name = ident(role)
  const kind = login ? sql`login` : sql`nologin`
  return makeStep({
    id: roleStepId(role),
    object: role,
    summary: `create role ${role} (${login ? 'LOGIN' : 'NOLOGIN'}, no password)`,
    up: [sql`create role ${name} ${kind}`],
    down: [
      sql`do ${dollarQuoted(sql`begin drop role ${name};
exception when dependent_objects_still_exist then
  raise notice '%', ${literal(`role ${role} is used by another database and stays`)};
end`)}`,
    ],
  })
}

function removePower(role: string, power: 'superuser' | 'bypassrls'): Step {
  const name = ident(role)
  const detail = `${role} loses ${power.toUpperCase()}, which ignored every policy`
  const [up, down] =
    power === 'superuser'
      ? [sql`alter role ${name} nosuperuser`, sql`alter role ${name} superuser`]
      : [sql`alter role ${name} nobypassrls`, sql`alter role ${name} bypassrls`]
  return makeStep({
    id: `role:${role}:${power}`,
    object: role,
    summary: `take ${power.toUpperCase()} from ${role}`,
    up: [up],
    down: [down],
    hazards: [{ kind: 'NARROWS_ACCESS', object: role, detail }],
    downHazards: [
      { kind: 'GRANTS_BYPASS', object: role, detail: `${role} ignores policies again` },
    ],
  })
}

/** The migrator may act as the owner; no runtime role may act as either. */
function planMemberships({ model, snapshot }: Planning): readonly Step[] {
  const { owner, migrator } = model.roles
  const privileged = [owner, migrator, ...disclosureRoles(model)].filter((role) => role !== null)
  const runtime = new Set([...runtimeRoles(model), ...callerRoles(model)])
  const steps: Step[] = []
  const isMember = (role: string, member: string): boolean =>
    snapshot.memberships.some(
      (entry) => entry.role === role && entry.member === member && entry.set,
    )

  const actors = [migrator, needsMembership(snapshot.server) ? snapshot.server.currentUser : null]
  for (const actor of new Set(actors)) {
    if (owner === null || actor === null || actor === owner || isMember(owner, actor)) continue
    steps.push(
      makeStep({
        id: `membership:${owner}:${actor}`,
        object: actor,
        summary: `let ${actor} act as ${owner}`,
        up: [sql`grant ${ident(owner)} to ${ident(actor)}`],
        down: [sql`revoke ${ident(owner)} from ${ident(actor)}`],
        requires: [roleStepId(owner), roleStepId(actor)],
      }),
    )
  }
  // Only who can act as a role can make it the owner of a function.
  const maker = snapshot.server.currentUser
  for (const role of needsMembership(snapshot.server) ? disclosureRoles(model) : []) {
    if (isMember(role, maker)) continue
    steps.push(
      makeStep({
        id: `membership:${role}:${maker}`,
        object: maker,
        summary: `let ${maker} act as ${role}`,
        up: [sql`grant ${ident(role)} to ${ident(maker)}`],
        down: [sql`revoke ${ident(role)} from ${ident(maker)}`],
        requires: [roleStepId(role), roleStepId(maker)],
      }),
    )
  }
  for (const { role, member, admin } of snapshot.memberships) {
    if (!privileged.includes(role) || !runtime.has(member)) continue
    const option = admin ? sql` with admin option` : sql``
    steps.push(
      makeStep({
        id: `membership:${role}:${member}`,
        object: member,
        summary: `stop ${member} from acting as ${role}`,
        up: [sql`revoke ${ident(role)} from ${ident(member)}`],
        down: [sql`grant ${ident(role)} to ${ident(member)}${option}`],
        hazards: [
          {
            kind: 'NARROWS_ACCESS',
            object: member,
            detail: `${member} can no longer act as ${role}`,
          },
        ],
        downHazards: [
          { kind: 'GRANTS_BYPASS', object: member, detail: `${member} can act as ${role} again` },
        ],
      }),
    )
  }
  return steps
}

/** Only a superuser can hand objects to a role that it is not a member of. */
function needsMembership(server: { readonly isSuperuser: boolean }): boolean {
  return !server.isSuperuser
}
