import { ident, qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { fixPredicate } from '../../fix-predicate.js'
import { listed, reachOf } from '../../reach.js'
import type { Reach } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** A table with tenant rows has Row Level Security switched off and a runtime role reaches it. */
export const rlsDisabled: CatalogRule = {
  kind: 'catalog',
  id: 'rls-disabled',
  title: 'A table with tenant rows has Row Level Security switched off.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      if (!input.tables.isProtected(table.name) || table.relation.rls.enabled) return []
      // Foreign tables cannot have Row Level Security at all: foreign-table speaks of them.
      if (table.relation.kind === 'foreign-table') return []
      if (table.relation.parents.length > 0) return []
      const reach = reachOf(input, table.relation)
      return reach.length === 0 ? [] : [finding(input, table, reach)]
    }),
}

function finding(input: LintInput, table: ClassifiedTable, reach: readonly Reach[]): Finding {
  const roles = reach.map((entry) => entry.role)
  const fix = fixOf(input, table, roles)
  return makeFinding({
    rule: 'rls-disabled',
    severity: 'error',
    object: table.name,
    message: `${table.name} holds rows of every tenant and Row Level Security is off: ${listed(roles)} can reach all of them.`,
    evidence: { roles: reach.map(({ role, commands }) => ({ role, commands })) },
    ...(fix === null
      ? {
          remedy:
            'Enable and force Row Level Security, with policies that say whose the rows are: the model does not say enough to write them.',
        }
      : { fix }),
  })
}

/** Enabling alone denies everything, so a table without policies also gets one. */
function fixOf(input: LintInput, table: ClassifiedTable, roles: readonly string[]): string | null {
  const name = qualifiedName(table.relation.schema, table.relation.name)
  const enable = sql`alter table ${name} enable row level security;
alter table ${name} force row level security;`
  if (table.relation.policies.length > 0) return enable.text
  const predicate = fixPredicate(input, table, roles)
  if (predicate === null) return null
  const to = roles.map((role) => ident(role)).reduce((left, right) => sql`${left}, ${right}`)
  return sql`${enable}
drop policy if exists tenant_isolation on ${name};
create policy tenant_isolation on ${name} to ${to}
  using (${predicate})
  with check (${predicate});`.text
}
