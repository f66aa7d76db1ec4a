import { qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import { listed } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** Row Level Security does not bind the owner, and a runtime role may be the owner. */
export const rlsNotForced: CatalogRule = {
  kind: 'catalog',
  id: 'rls-not-forced',
  title: 'Row Level Security does not bind the owner of a table with tenant rows.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      const { relation } = table
      if (!input.tables.isProtected(table.name)) return []
      if (!relation.rls.enabled || relation.rls.forced) return []
      const owners = input.roles.filter((role) => input.access.canOwn(role.name, relation))
      const names = owners.map((role) => role.name)
      return [
        makeFinding({
          rule: 'rls-not-forced',
          severity: owners.length > 0 ? 'error' : 'info',
          object: table.name,
          message:
            owners.length > 0
              ? `${listed(names)} can act as the owner of ${table.name}, and the owner is not bound by its policies.`
              : `The owner of ${table.name} is not bound by its policies: scripts and functions that run as the owner see every tenant.`,
          evidence: { owner: relation.owner, roles: names },
          fix: sql`alter table ${qualifiedName(relation.schema, relation.name)} force row level security;`
            .text,
        }),
      ]
    }),
}
