import { ident, joinSql, qualifiedName, sql, trustedSql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { Finding, Severity } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { commands } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

interface Excess {
  readonly severity: Severity
  readonly why: string
}

const excess: Readonly<Record<string, Excess>> = {
  TRUNCATE: {
    severity: 'error',
    why: 'TRUNCATE ignores Row Level Security and removes the rows of every tenant',
  },
  TRIGGER: {
    severity: 'error',
    why: 'a trigger of its own making runs as whoever writes the table next and sees those rows',
  },
  REFERENCES: {
    severity: 'warning',
    why: 'a foreign key of its own making reveals which keys exist, past Row Level Security',
  },
  MAINTAIN: {
    severity: 'warning',
    why: 'VACUUM FULL, CLUSTER and LOCK TABLE block every tenant of the table',
  },
}

/** A runtime role holds a privilege on tenant rows that policies do not govern. */
export const grantExcess: CatalogRule = {
  kind: 'catalog',
  id: 'grant-excess',
  title: 'A runtime role holds a privilege on tenant rows that no policy governs.',
  check: (input) =>
    input.tables.tables.flatMap((table) =>
      input.tables.isProtected(table.name)
        ? [...ungoverned(input, table), ...grantedToPublic(input, table)]
        : [],
    ),
}

function ungoverned(input: LintInput, table: ClassifiedTable): Finding[] {
  const { relation } = table
  return input.roles.flatMap((role) => {
    // Owners and superusers hold everything; role-powers speaks of them.
    if (input.access.canOwn(role.name, relation) || input.access.isSuperuser(role.name)) return []
    return Object.entries(excess).flatMap(([privilege, { severity, why }]) => {
      if (!input.access.can(role.name, privilege, relation)) return []
      const holders = relation.acl.filter(
        (item) =>
          item.privilege === privilege &&
          (item.isPublic || input.access.closure(role.name).reachable.has(item.grantee)),
      )
      const from = [
        ...new Set(holders.map((item) => (item.isPublic ? 'public' : ident(item.grantee).text))),
      ]
      return [
        makeFinding({
          rule: 'grant-excess',
          severity,
          object: table.name,
          command: privilege,
          role: role.name,
          message: `${role.name} holds ${privilege} on ${table.name}: ${why}.`,
          evidence: { privilege },
          ...(from.length === 0
            ? { remedy: `Take ${role.name} out of the role that lends it ${privilege}.` }
            : {
                fix: sql`revoke ${trustedSql(privilege.toLowerCase())} on ${qualifiedName(relation.schema, relation.name)} from ${trustedSql(from.join(', '))};`
                  .text,
              }),
        }),
      ]
    })
  })
}

function grantedToPublic(input: LintInput, table: ClassifiedTable): Finding[] {
  const { relation } = table
  const granted = commands.filter((command) =>
    relation.acl.some((item) => item.isPublic && item.privilege === command),
  )
  if (granted.length === 0) return []
  const list = trustedSql(granted.join(', ').toLowerCase())
  const name = qualifiedName(relation.schema, relation.name)
  const users = input.roles
    .filter(({ name: role }) =>
      granted.some((command) => input.access.can(role, command, relation)),
    )
    .map(({ name: role }) => ident(role))
  const keep =
    users.length === 0
      ? sql``
      : sql`grant ${list} on ${name} to ${joinSql(users)};
`
  return [
    makeFinding({
      rule: 'grant-excess',
      severity: 'warning',
      object: table.name,
      role: 'PUBLIC',
      message: `Every role of the cluster holds ${granted.join(', ')} on ${table.name}; grant it to the roles that need it.`,
      evidence: { privileges: granted },
      fix: sql`${keep}revoke ${list} on ${name} from public;`.text,
    }),
  ]
}
