import { identifier, identifierFault, roleName } from '../names.js'
import { readFields } from '../parsing/fields.js'
import type { Parser } from '../parsing/parser.js'
import type { RoleNames } from '../tenancy-model.js'

export const roleKinds: readonly (keyof RoleNames)[] = [
  'owner',
  'migrator',
  'app',
  'public',
  'auditor',
  'worker',
  'platform',
]

export const defaultRolePrefix = 'watertight'

/** The role names of a deployment that names its roles by prefix only. */
export function rolesByPrefix(prefix: string): Record<keyof RoleNames, string> {
  return {
    owner: `${prefix}_owner`,
    migrator: `${prefix}_migrator`,
    app: `${prefix}_app`,
    public: `${prefix}_public`,
    auditor: `${prefix}_auditor`,
    worker: `${prefix}_worker`,
    platform: `${prefix}_platform`,
  }
}

const nameOrNone: Parser<string | null> = (value, at) =>
  value === null ? null : roleName(value, at)

/** Why no set of roles can have this prefix; null when one can. */
export function rolePrefixFault(prefix: string): string | null {
  const longest = rolesByPrefix(prefix).migrator
  if (longest.startsWith('pg_')) return 'role names that start with pg_ are reserved'
  const fault = identifierFault(longest)
  return fault === null ? null : `gives too long a name: ${fault}`
}

const rolePrefix: Parser<string> = (value, at) => {
  const prefix = identifier(value, at)
  if (prefix === undefined) return undefined
  const fault = rolePrefixFault(prefix)
  return fault === null ? prefix : at.report(fault)
}

/** INVARIANT: no role stands for two, or a grant meant for one mode would reach another. */
export const roleNames: Parser<RoleNames> = (value, at) => {
  const fields = readFields(value, at, ['prefix', ...roleKinds])
  const given = new Map<keyof RoleNames, string | null | undefined>()
  for (const kind of roleKinds) {
    if (fields.has(kind)) given.set(kind, fields.optional(kind, nameOrNone))
  }
  const namesRoles = [...given.values()].some((name) => name !== null)
  const prefix = fields.optional('prefix', rolePrefix)
  const byPrefix = rolesByPrefix(prefix ?? defaultRolePrefix)
  const usesPrefix = fields.has('prefix') || !namesRoles
  const roleOf = (kind: keyof RoleNames): string | null => {
    if (!given.has(kind)) return usesPrefix ? byPrefix[kind] : null
    const name = given.get(kind)
    return name === undefined ? byPrefix[kind] : name
  }
  const app = roleOf('app')
  if (app === null) at.key('app').report('is required: the role that the application runs as')
  const roles: RoleNames = {
    owner: roleOf('owner'),
    migrator: roleOf('migrator'),
    app: app ?? byPrefix.app,
    public: roleOf('public'),
    auditor: roleOf('auditor'),
    worker: roleOf('worker'),
    platform: roleOf('platform'),
  }
  const kindOf = new Map<string, keyof RoleNames>()
  for (const kind of roleKinds) {
    const name = kind === 'app' ? app : roles[kind]
    if (name === null) continue
    const other = kindOf.get(name)
    if (other === undefined) kindOf.set(name, kind)
    else
      at.key(kind).report(`is the same role as roles.${other}; every mode needs a role of its own`)
  }
  return roles
}
