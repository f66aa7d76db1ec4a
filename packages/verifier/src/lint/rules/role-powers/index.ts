import type { RoleInfo } from 'watertight/catalog'
import { ident, sql, trustedSql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import { listed } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'
import { leave } from './leave-role.js'

interface Power {
  readonly name: string
  readonly keyword: string
  readonly why: string
  has(role: RoleInfo): boolean
}

const powers: readonly Power[] = [
  {
    name: 'SUPERUSER',
    keyword: 'nosuperuser',
    why: 'no policy and no grant binds it',
    has: (role) => role.superuser,
  },
  {
    name: 'BYPASSRLS',
    keyword: 'nobypassrls',
    why: 'no policy binds it',
    has: (role) => role.bypassRls,
  },
  {
    name: 'CREATEROLE',
    keyword: 'nocreaterole',
    why: 'it can give itself other roles',
    has: (role) => role.createRole,
  },
  {
    name: 'REPLICATION',
    keyword: 'noreplication',
    why: 'a replication stream carries the rows of every tenant',
    has: (role) => role.replication,
  },
]

/** Predefined roles that go round policies, grants or the database (manual, section 22.5). */
const predefined: Readonly<Record<string, string>> = {
  pg_read_all_data: 'it reads every table that has no Row Level Security, and every view',
  pg_write_all_data: 'it writes every table that has no Row Level Security',
  pg_read_server_files: 'it reads files of the server',
  pg_write_server_files: 'it writes files of the server',
  pg_execute_server_program: 'it runs programs on the server as the server',
  pg_read_all_stats: 'it reads the statements of every session, with the values in them',
  pg_monitor: 'it reads the statements of every session, with the values in them',
  pg_maintain: 'it can lock and rewrite every table',
  pg_signal_backend: 'it ends the sessions of every tenant',
  pg_create_subscription: 'it makes subscriptions, whose rows no policy is asked about',
}

/** A runtime role is more than a runtime role may be. */
export const rolePowers: CatalogRule = {
  kind: 'catalog',
  id: 'role-powers',
  title: 'A runtime role can bypass Row Level Security or become a role that can.',
  check: (input) =>
    input.roles.flatMap((role) => {
      const reachable = input.access.closure(role.name).reachable
      const superuser = input.catalog.roles.some((r) => r.name === role.name && r.superuser)
      return [
        ...attributeFindings(input, role.name, superuser ? new Set([role.name]) : reachable),
        ...(superuser ? [] : [...memberFindings(input, role.name, reachable)]),
        ...(superuser ? [] : ownerFindings(input, role.name)),
      ]
    }),
}

function attributeFindings(
  input: LintInput,
  role: string,
  reachable: ReadonlySet<string>,
): Finding[] {
  return input.catalog.roles
    .filter((info) => reachable.has(info.name))
    .flatMap((info) =>
      powers
        .filter((power) => power.has(info))
        .map((power) => {
          const own = info.name === role
          return makeFinding({
            rule: 'role-powers',
            severity: 'error',
            object: `role ${role}`,
            detail: own ? power.name : `${power.name}:${info.name}`,
            related: [role, info.name],
            message: own
              ? `Runtime role ${role} has ${power.name}: ${power.why}.`
              : `Runtime role ${role} can become ${info.name}, which has ${power.name}: ${power.why}.`,
            evidence: { power: power.name, through: info.name },
            ...(own
              ? { fix: sql`alter role ${ident(role)} ${trustedSql(power.keyword)};`.text }
              : leave(input, role, [info.name])),
          })
        }),
    )
}

function* memberFindings(
  input: LintInput,
  role: string,
  reachable: ReadonlySet<string>,
): Generator<Finding> {
  for (const [name, why] of Object.entries(predefined)) {
    if (!reachable.has(name)) continue
    yield makeFinding({
      rule: 'role-powers',
      severity: 'error',
      object: `role ${role}`,
      detail: name,
      related: [role, name],
      message: `Runtime role ${role} is a member of ${name}: ${why}.`,
      evidence: { power: name, through: name },
      ...leave(input, role, [name]),
    })
  }
}

/** An owner can switch Row Level Security off, forced or not. */
function ownerFindings(input: LintInput, role: string): Finding[] {
  const owned = input.tables.tables.filter(
    (table) => input.tables.isProtected(table.name) && input.access.canOwn(role, table.relation),
  )
  if (owned.length === 0) return []
  const names = owned.map((table) => table.name)
  const shown = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names
  const owners = [...new Set(owned.map((table) => table.relation.owner))]
  const foreign = owners.filter((owner) => owner !== role)
  return [
    makeFinding({
      rule: 'role-powers',
      severity: 'error',
      object: `role ${role}`,
      detail: 'owner',
      related: [role, ...names],
      message: `Runtime role ${role} is, or can become, the owner of ${listed(shown)}: an owner can switch Row Level Security off.`,
      evidence: { power: 'owner', through: owners, tables: names },
      ...(foreign.length === owners.length
        ? leave(input, role, foreign)
        : {
            remedy: `Give the tables to a role that nothing logs in as and ${role} is no member of.`,
          }),
    }),
  ]
}
