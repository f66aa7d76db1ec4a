import type { Relation } from 'watertight/catalog'
import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import { reachOf } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** A permissive policy without TO also serves every role that is created later. */
export const policyForPublic: CatalogRule = {
  kind: 'catalog',
  id: 'policy-for-public',
  title: 'A permissive policy applies to every role instead of the ones it was written for.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      if (!input.tables.isProtected(table.name)) return []
      const roles = rolesServed(input, table.relation)
      return table.relation.policies
        .filter((policy) => policy.permissive && policy.roles.length === 0)
        .map((policy) =>
          makeFinding({
            rule: 'policy-for-public',
            severity: 'info',
            object: table.name,
            detail: policy.name,
            message: `Policy ${policy.name} of ${table.name} applies to every role, also to roles that are created later.`,
            evidence: { policy: policy.name },
            ...(roles === null || roles.length === 0
              ? { remedy: 'Name the roles that the policy is meant for with ALTER POLICY … TO.' }
              : {
                  fix: sql`alter policy ${ident(policy.name)} on ${qualifiedName(table.relation.schema, table.relation.name)} to ${joinSql(roles.map((role) => ident(role)))};`
                    .text,
                }),
          }),
        )
    }),
}

/** Every role that holds a grant, so that nobody loses rows; null when PUBLIC holds one. */
function rolesServed(input: LintInput, relation: Relation): readonly string[] | null {
  const items = [...relation.acl, ...relation.columns.flatMap(({ acl }) => acl)]
  if (items.some(({ isPublic }) => isPublic)) return null
  const bound = items
    .map(({ grantee }) => grantee)
    // Without FORCE the owner is not bound by policies and needs none.
    .filter((name) => name !== relation.owner || relation.rls.forced)
    .filter((name) => !input.access.isSuperuser(name))
  return [...new Set([...reachOf(input, relation).map(({ role }) => role), ...bound])].toSorted()
}
