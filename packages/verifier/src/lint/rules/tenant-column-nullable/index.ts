import { ident, qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import { reachOf } from '../../reach.js'
import type { CatalogRule } from '../../rule.js'

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
      return [
        makeFinding({
          rule: 'tenant-column-nullable',
          severity: 'warning',
          object: table.name,
          detail: column.name,
          message: `Rows of ${table.name} can have no ${column.name}: conditions such as IS NOT DISTINCT FROM give them to whoever has no tenant.`,
          evidence: { column: column.name },
          fix: sql`alter table ${name} alter column ${ident(column.name)} set not null;`.text,
        }),
      ]
    }),
}
