import type { IndexInfo } from 'watertight/catalog'
import { ident, qualifiedName, sql, trustedSql } from 'watertight/sql'
import { makeFinding } from '../../../findings/index.js'
import type { Finding } from '../../../findings/index.js'
import { isBearerSecret } from '../../../graph/bearer-secret.js'
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
    .filter((index) => index.isUnique && !index.inherited)
    .filter((index) => !index.isPrimary || isChosen(table, index))
    .filter(
      (index) => !index.columns.includes(table.tenantColumn) && !isUnguessable(input, table, index),
    )
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
        ...(fix === null
          ? {
              remedy: `Put ${table.tenantColumn} in front of the columns of ${name}, and into what refers to them.`,
            }
          : { fix }),
      })
    })
}

/** A random key cannot be asked for; a number from a sequence is nobody's choice. */
function isUnguessable(
  { catalog: { functions } }: LintInput,
  table: ClassifiedTable,
  index: IndexInfo,
): boolean {
  return index.columns.some((name) => {
    const column = table.relation.columns.find((entry) => entry.name === name)
    if (column !== undefined && isBearerSecret(table.relation, column, functions)) return true
    return column?.baseType === 'uuid' || (index.columns.length === 1 && column?.identity != null)
  })
}

/** Names of keys that programs make up, and of secrets. */
const madeUp =
  /(^|_)(id|uid|uuid|guid|ulid|cuid|nanoid|oid|sid|pk|key|ref|token|hash|digest|secret|nonce|handle)$|(I|Ui|Uu)d$/

/** A primary key of texts that people choose, such as an address or a short name. */
function isChosen({ relation, userColumn }: ClassifiedTable, { columns }: IndexInfo): boolean {
  const isForeign = (name: string): boolean =>
    relation.constraints.some(
      (entry) => entry.kind === 'foreign-key' && entry.columns.includes(name),
    )
  return columns.every((name) => {
    if (name === null) return false
    const column = relation.columns.find((entry) => entry.name === name)
    return (
      column !== undefined &&
      /^(text|character varying|.*citext)/.test(column.baseType) &&
      column.defaultExpression === null &&
      name !== userColumn &&
      !madeUp.test(name) &&
      !isForeign(name)
    )
  })
}

/** The same key with the tenant in front; what else its definition says is kept as it is. */
function fixOf(input: LintInput, table: ClassifiedTable, index: IndexInfo): string | null {
  if (table.tenantColumn === null || table.relation.parents.length > 0) return null
  const isReferenced = input.catalog.relations.some((relation) =>
    relation.constraints.some(
      ({ references }) =>
        references?.schema === table.relation.schema &&
        references.name === table.relation.name &&
        references.columns.length === index.columns.length &&
        references.columns.every((column) => index.columns.includes(column)),
    ),
  )
  if (isReferenced) return null
  const tenant = ident(table.tenantColumn)
  const target = qualifiedName(table.relation.schema, table.relation.name)
  const constraint = table.relation.constraints.find(({ name }) => name === index.constraint)
  if (constraint !== undefined) {
    const name = ident(constraint.name)
    const definition = trustedSql(constraint.definition.replace('(', `(${tenant.text}, `))
    return sql`alter table ${target} drop constraint ${name}, add constraint ${name} ${definition};`
      .text
  }
  if (!index.definition.includes(' USING btree (')) return null
  const start = ' USING btree ('
  const definition = trustedSql(index.definition.replace(start, `${start}${tenant.text}, `))
  return sql`drop index ${qualifiedName(table.relation.schema, index.name)};
${definition};`.text
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
        remedy: `Add ${table.tenantColumn} WITH = to ${constraint.name} (extension btree_gist has the operators for GiST).`,
      }),
    )
}
