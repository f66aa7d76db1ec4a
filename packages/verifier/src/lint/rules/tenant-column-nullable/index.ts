import { ident, qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { decidingExpression } from '../../deciding-expression.js'
import { evaluate } from '../../partial-evaluation.js'
import { reachOf } from '../../reach.js'
import { readCondition } from '../../read-condition.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** A row without a tenant belongs to nobody, or to everybody. */
export const tenantColumnNullable: CatalogRule = {
  kind: 'catalog',
  id: 'tenant-column-nullable',
  title: 'A row can be stored without a tenant.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      const { relation, tenantColumn } = table
      if (!input.tables.isProtected(table.name) || table.scope === 'self') return []
      const column = relation.columns.find((entry) => entry.name === tenantColumn)
      if (column === undefined || column.notNull) return []
      if (reachOf(input, relation).length === 0) return []
      const name = qualifiedName(relation.schema, relation.name)
      const storable = canStore(input, table, column.name)
      return [
        makeFinding({
          rule: 'tenant-column-nullable',
          severity: storable ? 'warning' : 'info',
          object: table.name,
          detail: column.name,
          message: storable
            ? `Rows of ${table.name} can be stored without ${column.name}, and a condition such as IS NULL or IS NOT DISTINCT FROM gives them to whoever has no tenant, or to everybody.`
            : `Rows of ${table.name} can have no ${column.name}; no runtime role can store one.`,
          evidence: { column: column.name },
          fix: sql`alter table ${name} alter column ${ident(column.name)} set not null;`.text,
        }),
      ]
    }),
}

/** A role can write a row without a tenant: no condition is surely false or NULL of it. */
function canStore(input: LintInput, { relation }: ClassifiedTable, empty: string): boolean {
  const columns = new Map(relation.columns.map(({ name, notNull }) => [name, notNull]))
  return reachOf(input, relation).some(({ role, commands }) =>
    (['INSERT', 'UPDATE'] as const).some((command) => {
      if (!commands.includes(command)) return false
      if (!relation.rls.enabled || input.access.bypassesRls(role, relation)) return true
      return input.access
        .policies(role, command, relation)
        .filter((policy) => policy.permissive)
        .some((policy) => {
          const decision = decidingExpression(policy, command, 'WITH CHECK')
          const condition = decision && readCondition(policy, decision[1])
          if (!condition || 'reason' in condition) return condition !== null
          const known = evaluate(condition.expr, { settings: new Map(), columns, empty })
          return known.kind !== 'constant' || known.value === true
        })
    }),
  )
}
