import { qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import { objectName } from '../../../graph/object-name.js'
import { listed, reachOf } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

/** The parent's policies do not apply when a partition or INHERITS child is named directly. */
export const partitionUnprotected: CatalogRule = {
  kind: 'catalog',
  id: 'partition-unprotected',
  title: 'A partition or child table is reachable directly, past the policies of its parent.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      const { relation } = table
      if (relation.parents.length === 0 || relation.rls.enabled) return []
      if (!input.tables.isProtected(table.name)) return []
      const reach = reachOf(input, relation)
      if (reach.length === 0) return []
      const parents = relation.parents.map((parent) => objectName(parent))
      return [
        makeFinding({
          rule: 'partition-unprotected',
          severity: 'error',
          object: table.name,
          related: parents,
          message: `${table.name} is part of ${listed(parents)} but has no Row Level Security of its own: ${listed(reach.map(({ role }) => role))} reaches every tenant's rows by naming it.`,
          evidence: { parents, roles: reach.map(({ role, commands }) => ({ role, commands })) },
          fix: sql`alter table ${qualifiedName(relation.schema, relation.name)} enable row level security;
alter table ${qualifiedName(relation.schema, relation.name)} force row level security;`.text,
        }),
      ]
    }),
}
