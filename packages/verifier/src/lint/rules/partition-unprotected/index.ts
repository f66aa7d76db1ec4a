import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { objectName } from '../../../graph/object-name.js'
import { fixPredicate } from '../../fix-predicate.js'
import { listed, reachOf } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** The parent's policies do not apply when a partition or INHERITS child is named directly. */
export const partitionUnprotected: CatalogRule = {
  kind: 'catalog',
  id: 'partition-unprotected',
  title: 'A partition or child table is reachable directly, past the policies of its parent.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      const { relation } = table
      if (relation.parents.length === 0 || relation.rls.enabled) return []
      if (relation.kind === 'foreign-table') return []
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
          fix: fixOf(
            input,
            table,
            reach.map(({ role }) => role),
          ),
        }),
      ]
    }),
}

/** Enabling alone denies direct access; where the model says whose the rows are, they stay in reach. */
function fixOf(input: LintInput, table: ClassifiedTable, roles: readonly string[]): string {
  const name = qualifiedName(table.relation.schema, table.relation.name)
  const enable = sql`alter table ${name} enable row level security;
alter table ${name} force row level security;`
  const predicate = fixPredicate(input, table, roles)
  if (predicate === null || table.relation.policies.length > 0) return enable.text
  return sql`${enable}
drop policy if exists tenant_isolation on ${name};
create policy tenant_isolation on ${name} to ${joinSql(roles.map((role) => ident(role)))}
  using (${predicate})
  with check (${predicate});`.text
}
