import type { Constraint, ForeignKeyTarget } from 'watertight/catalog'
import { derivedName, ident, joinSql, qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import type { ClassifiedTable } from '../../../graph/classify.js'
import { singlePrimaryKey } from '../../../graph/classify.js'
import { objectName } from '../../../graph/object-name.js'
import type { CatalogRule, LintInput } from '../../rule.js'

/** Foreign key checks ignore Row Level Security: a row can point into another tenant. */
export const foreignKeyWithoutTenant: CatalogRule = {
  kind: 'catalog',
  id: 'foreign-key-without-tenant',
  title: 'A foreign key between tenant tables does not include the tenant.',
  check: (input) =>
    input.tables.tables.flatMap((table) =>
      table.relation.constraints.flatMap((constraint) => findings(input, table, constraint)),
    ),
}

function findings(input: LintInput, table: ClassifiedTable, constraint: Constraint): Finding[] {
  const target = constraint.references
  const own = table.tenantColumn
  if (target === null || constraint.inherited) return []
  if (own !== null && constraint.columns.includes(own)) return []
  const parent = input.tables.get(objectName(target))
  if (parent === undefined || parent.scope === 'self') return []
  // The table of tenants is keyed by the tenant itself.
  if (parent.tenantColumn === singlePrimaryKey(parent.relation)) return []
  if (own === null || parent.tenantColumn === null) return [...unbound(table, constraint, parent)]
  return [
    makeFinding({
      rule: 'foreign-key-without-tenant',
      severity: 'warning',
      object: table.name,
      detail: constraint.name,
      related: [parent.name],
      message: `Foreign key ${constraint.name} of ${table.name} does not include ${own}: a row can point to another tenant's ${parent.name}, which shows that it exists and follows its ON DELETE.`,
      evidence: { constraint: constraint.name, columns: constraint.columns, parent: parent.name },
      fix: fixOf(table, constraint, target, own, parent, parent.tenantColumn),
    }),
  ]
}

/**
 * A foreign key that cannot include the tenant, as one of its tables has it from a row of another:
 * a table between two parents is bound to the one that says whose it is, and to no other.
 */
function* unbound(
  table: ClassifiedTable,
  constraint: Constraint,
  parent: ClassifiedTable,
): Generator<Finding> {
  const isOfTenants = (each: ClassifiedTable): boolean =>
    each.tenantColumn !== null || each.through !== null
  if (!isOfTenants(table) || !isOfTenants(parent)) return
  // What both links have in common binds the second as well.
  if (table.through?.columns.some((column) => constraint.columns.includes(column))) return
  const lacking = table.tenantColumn === null ? table.name : parent.name
  yield makeFinding({
    rule: 'foreign-key-without-tenant',
    severity: 'warning',
    object: table.name,
    detail: constraint.name,
    related: [parent.name],
    message: `Foreign key ${constraint.name} of ${table.name} is not bound to the tenant, as ${lacking} has no tenant column: a row can point to another tenant's ${parent.name}, which shows that it exists and follows its ON DELETE.`,
    evidence: { constraint: constraint.name, columns: constraint.columns, parent: parent.name },
    remedy: `Give ${lacking} a tenant column, and put it into its foreign keys.`,
  })
}

function fixOf(
  table: ClassifiedTable,
  constraint: Constraint,
  target: ForeignKeyTarget,
  own: string,
  parent: ClassifiedTable,
  parentTenant: string,
): string {
  const keys = [parentTenant, ...target.columns]
  const parentName = qualifiedName(parent.relation.schema, parent.relation.name)
  const hasKey = parent.relation.indexes.some(
    (index) =>
      index.isUnique &&
      index.predicate === null &&
      index.columns.length === keys.length &&
      keys.every((key) => index.columns.includes(key)),
  )
  const unique = hasKey
    ? sql``
    : sql`alter table ${parentName} add constraint ${ident(derivedName([parent.relation.name], 'tenant_key'))} unique (${names(keys)});
`
  const setNull = trustedSql(`(${names(constraint.columns).text})`)
  const onDelete =
    target.onDelete === 'set null' || target.onDelete === 'set default'
      ? sql` on delete ${trustedSql(target.onDelete)} ${setNull}`
      : sql` on delete ${trustedSql(target.onDelete)}`
  const onUpdate =
    target.onUpdate === 'no action' ? sql`` : sql` on update ${trustedSql(target.onUpdate)}`
  const deferred = / INITIALLY DEFERRED\b/.test(constraint.definition)
  const deferrable = constraint.deferrable
    ? deferred
      ? sql` deferrable initially deferred`
      : sql` deferrable`
    : sql``
  return sql`${unique}alter table ${qualifiedName(table.relation.schema, table.relation.name)}
  drop constraint ${ident(constraint.name)},
  add constraint ${ident(constraint.name)} foreign key (${names([own, ...constraint.columns])})
    references ${parentName} (${names(keys)})${onUpdate}${onDelete}${deferrable};`.text
}

function names(columns: readonly string[]): Sql {
  return joinSql(columns.map((column) => ident(column)))
}
