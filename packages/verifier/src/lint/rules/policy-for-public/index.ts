import { ident, qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import { reachOf } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** A permissive policy without TO also serves every role that is created later. */
export const policyForPublic: CatalogRule = {
  kind: 'catalog',
  id: 'policy-for-public',
  title: 'A permissive policy applies to every role instead of the ones it was written for.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      if (!input.tables.isProtected(table.name)) return []
      const roles = reachOf(input, table.relation).map((reach) => reach.role)
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
            ...(roles.length === 0
              ? {}
              : {
                  fix: sql`alter policy ${ident(policy.name)} on ${qualifiedName(table.relation.schema, table.relation.name)} to ${roles
                    .map((role) => ident(role))
                    .reduce((left, right) => sql`${left}, ${right}`)};`.text,
                }),
          }),
        )
    }),
}
