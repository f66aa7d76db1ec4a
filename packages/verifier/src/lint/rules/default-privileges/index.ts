import type { DefaultPrivilege } from 'watertight/catalog'
import { ident, sql, trustedSql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import type { CatalogRule, LintInput } from '../../rule.js'

const governed: ReadonlySet<string> = new Set([
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
  'MAINTAIN',
])

/** Tables that are created later are granted to runtime roles before they have policies. */
export const defaultPrivileges: CatalogRule = {
  kind: 'catalog',
  id: 'default-privileges',
  title: 'Tables created later are reachable before they are protected.',
  check: (input) =>
    input.catalog.defaultPrivileges
      .filter((entry) => entry.objectType === 'table')
      .flatMap((entry) => [
        ...input.roles.flatMap((role) =>
          findings(input, entry, role.name, (grantee, isPublic) =>
            isPublic ? false : grantee === role.name,
          ),
        ),
        ...findings(input, entry, 'PUBLIC', (_grantee, isPublic) => isPublic),
      ]),
}

function findings(
  _input: LintInput,
  entry: DefaultPrivilege,
  grantee: string,
  matches: (grantee: string, isPublic: boolean) => boolean,
): Finding[] {
  const privileges = entry.acl
    .filter((item) => matches(item.grantee, item.isPublic) && governed.has(item.privilege))
    .map((item) => item.privilege)
  if (privileges.length === 0 || grantee === entry.role) return []
  const where = entry.schema === null ? sql`` : sql` in schema ${ident(entry.schema)}`
  const to = grantee === 'PUBLIC' ? sql`public` : ident(grantee)
  return [
    makeFinding({
      rule: 'default-privileges',
      severity: 'warning',
      object: entry.schema === null ? `role ${entry.role}` : `schema ${entry.schema}`,
      detail: entry.role,
      role: grantee,
      message: `Every table that ${entry.role} creates later${entry.schema === null ? '' : ` in schema ${entry.schema}`} is open to ${grantee} (${privileges.join(', ')}) before it has a policy.`,
      evidence: { grantor: entry.role, schema: entry.schema, privileges },
      fix: sql`alter default privileges for role ${ident(entry.role)}${where} revoke ${trustedSql(privileges.join(', ').toLowerCase())} on tables from ${to};`
        .text,
    }),
  ]
}
