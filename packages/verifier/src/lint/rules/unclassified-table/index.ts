import { mayDependOnContext } from '../../../expr/depends-on-context.js'
import { makeFinding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { listed, reachOf } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** Nothing says whose rows a table holds, so nothing can be said about them. */
export const unclassifiedTable: CatalogRule = {
  kind: 'catalog',
  id: 'unclassified-table',
  title: 'A table is not declared and its rows cannot be told to be a tenant’s or everybody’s.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      if (table.scope !== null) return []
      const roles = reachOf(input, table.relation).map(({ role }) => role)
      if (roles.length === 0) return []
      const bound = isBound(input, table)
      return [
        makeFinding({
          rule: 'unclassified-table',
          severity: bound ? 'info' : 'warning',
          object: table.name,
          message: bound
            ? `${table.name} is not declared and has no tenant column; its policies depend on the context, but nothing says what they should admit.`
            : `${table.name} is not declared, has no tenant column and ${listed(roles)} reaches all of its rows: declare it global, or say whose rows it holds.`,
          evidence: { roles },
          remedy: `Declare the scope of ${table.name} in the model.`,
        }),
      ]
    }),
}

/** Every condition that admits a row depends on the context. */
function isBound(input: LintInput, table: ClassifiedTable): boolean {
  const { relation } = table
  if (!relation.rls.enabled) return false
  return relation.policies
    .filter((policy) => policy.permissive)
    .flatMap((policy) => [policy.using, policy.withCheck])
    .every(
      (expression) =>
        expression === null || mayDependOnContext(expression, input.catalog.functions),
    )
}
