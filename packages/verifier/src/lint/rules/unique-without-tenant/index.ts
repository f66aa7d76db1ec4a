import type { IndexInfo } from 'watertight/catalog'
import { ident, joinSql, qualifiedName, sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { singlePrimaryKey } from '../../../graph/classify.js'
import { reachOf } from '../../reach.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** A duplicate is refused across tenants, which tells one tenant what another one stores. */
export const uniqueWithoutTenant: CatalogRule = {
  kind: 'catalog',
  id: 'unique-without-tenant',
  title: 'A unique or exclusion constraint on a tenant table does not include the tenant.',
  check: (input) =>
    input.tables.tables.flatMap((table) => {
      if (!input.tables.isProtected(table.name) || table.tenantColumn === null) return []
      if (table.tenantColumn === singlePrimaryKey(table.relation)) return []
      const writes = reachOf(input, table.relation).some(
        ({ commands }) => commands.includes('INSERT') || commands.includes('UPDATE'),
      )
      if (!writes) return []
      return [...uniqueFindings(input, table), ...excludeFindings(table)]
    }),
}

function uniqueFindings(input: LintInput, table: ClassifiedTable): Finding[] {
  return table.relation.indexes
    .filter((index) => index.isUnique && !index.isPrimary && !index.inherited)
    .filter((index) => !index.columns.includes(table.tenantColumn) && !isUnguessable(table, index))
    .map((index) => {
      const fix = fixOf(input, table, index)
      const name = index.constraint ?? index.name
      return makeFinding({
        rule: 'unique-without-tenant',
        severity: 'warning',
        object: table.name,
        detail: name,
        message: `${name} makes values of ${table.name} unique across tenants: an insert that is refused tells that another tenant has the value.`,
        evidence: { constraint: name, columns: index.columns },
        ...(fix === null ? {} : { fix }),
      })
    })
}

/** A random key cannot be asked for; a number from a sequence is nobody's choice. */
function isUnguessable(table: ClassifiedTable, index: IndexInfo): boolean {
  return index.columns.some((name) => {
    const column = table.relation.columns.find((entry) => entry.name === name)
    return column?.baseType === 'uuid' || (index.columns.length === 1 && column?.identity != null)
  })
}

function fixOf(input: LintInput, table: ClassifiedTable, index: IndexInfo): string | null {
  const columns = index.columns.filter((column) => column !== null)
  if (table.tenantColumn === null || columns.length !== index.columns.length) return null
  if (index.predicate !== null || table.relation.parents.length > 0) return null
  const isReferenced = input.catalog.relations.some((relation) =>
    relation.constraints.some(
      ({ references }) =>
        references?.schema === table.relation.schema &&
        references.name === table.relation.name &&
        references.columns.length === columns.length &&
        references.columns.every((column) => columns.includes(column)),
    ),
  )
  if (isReferenced) return null
  const target = qualifiedName(table.relation.schema, table.relation.name)
  const keys = joinSql([table.tenantColumn, ...columns].map((column) => ident(column)))
  if (index.constraint !== null) {
    const name = ident(index.constraint)
    return sql`alter table ${target} drop constraint ${name}, add constraint ${name} unique (${keys});`
      .text
  }
  return sql`drop index ${qualifiedName(table.relation.schema, index.name)};
create unique index ${ident(index.name)} on ${target} (${keys});`.text
}

function excludeFindings(table: ClassifiedTable): Finding[] {
  return table.relation.constraints
    .filter((constraint) => constraint.kind === 'exclude' && !constraint.inherited)
    .filter((constraint) => !constraint.columns.includes(table.tenantColumn ?? ''))
    .map((constraint) =>
      makeFinding({
        rule: 'unique-without-tenant',
        severity: 'warning',
        object: table.name,
        detail: constraint.name,
        message: `Exclusion constraint ${constraint.name} of ${table.name} compares rows across tenants: an insert that is refused tells what another tenant has.`,
        evidence: { constraint: constraint.name, columns: constraint.columns },
      }),
    )
}
