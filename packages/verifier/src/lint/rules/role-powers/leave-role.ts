import type { RoleMembership } from 'watertight/catalog'
import { ident, sql, trustedSql } from 'watertight/sql'
import { accessOf } from '../../../graph/access.js'
import type { Access } from '../../../graph/access.js'
import { objectName } from '../../../graph/object-name.js'
import { commands, listed } from '../../reach.js'
import type { LintInput } from '../../rule.js'

/**
 * SQL that takes a role out of others, wherever the memberships are on the way; words where the
 * role would lose what it works with.
 */
export function leave(
  input: LintInput,
  role: string,
  others: readonly string[],
): { fix: string } | { remedy: string } {
  const { reachable } = input.access.closure(role)
  const edges = input.catalog.memberships.filter(
    (edge) => others.includes(edge.role) && reachable.has(edge.member),
  )
  const memberships = input.catalog.memberships.filter((edge) => !edges.includes(edge))
  const lost = lostWith(input, role, accessOf({ ...input.catalog, memberships }))
  if (edges.length === 0 || lost.length > 0) {
    const first = lost.slice(0, 3)
    const needs =
      lost.length === 0
        ? ''
        : ` It works with ${listed(first)} through them: grant it what it needs there first.`
    return { remedy: `Take ${role} out of ${listed(others)}.${needs}` }
  }
  return { fix: edges.map((edge) => revoke(input, edge)).join('\n') }
}

/** Since PostgreSQL 16 a membership can be granted by several roles, each its own (manual, GRANT). */
function revoke(input: LintInput, { role, member, grantor }: RoleMembership): string {
  const by =
    input.catalog.server.versionNum >= 160_000 ? sql` granted by ${ident(grantor)}` : trustedSql('')
  return sql`revoke ${ident(role)} from ${ident(member)}${by};`.text
}

function lostWith(input: LintInput, role: string, rest: Access): readonly string[] {
  return input.catalog.relations
    .filter((relation) =>
      commands.some(
        (command) =>
          input.tables.get(objectName(relation)) !== undefined &&
          input.access.can(role, command, relation) &&
          !rest.can(role, command, relation),
      ),
    )
    .map((relation) => objectName(relation))
}
