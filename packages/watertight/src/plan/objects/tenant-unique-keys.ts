import type { Constraint, IndexInfo, Relation } from '../../catalog/index.js'
import { tableKey } from '../../model/index.js'
import { ident, qualifiedName, sql, trustedSql } from '../../sql/index.js'
import type { Sql } from '../../sql/index.js'
import { displayName } from '../planning.js'
import type { Planning } from '../planning.js'
import type { Step } from '../plan.js'
import { columnSet, foreignKeysOf } from '../relation-index.js'
import { makeStep } from '../step.js'

/**
 * Unique keys of tenant tables get the tenant in front: a unique key across tenants tells one tenant
 * that another has used a value. Opt-in (`tenant-unique-keys`), since a value may now recur in two
 * tenants and the way back fails if it does.
 */
export function planTenantUniqueKeys(planning: Planning): readonly Step[] {
  const referenced = referencedKeys(planning)
  return planning.tables.flatMap(({ relation, tenant, isPartition }) => {
    if (isPartition || tenant?.kind !== 'column') return []
    const column = tenant.column.name
    const tenantTable = planning.model.tenantKey.table
    if (tenantTable && tableKey(tenantTable) === tableKey(relation)) return []
    return relation.indexes
      .filter((index) => isAcrossTenants(index, column))
      .flatMap((index) => {
        if (referenced.has(keyName(relation, index.columns))) {
          planning.notes.push({
            object: displayName(relation),
            message: `unique key ${index.name} stays across tenants: a foreign key refers to it`,
          })
          return []
        }
        return perTenant(planning, relation, index, column)
      })
  })
}

function isAcrossTenants(index: IndexInfo, tenantColumn: string): boolean {
  const { isUnique, isPrimary, isValid, inherited, columns } = index
  return isUnique && !isPrimary && isValid && !inherited && !columns.includes(tenantColumn)
}

function keyName(
  table: { schema: string; name: string },
  columns: readonly (string | null)[],
): string {
  return JSON.stringify([table.schema, table.name, columnSet(columns)])
}

/** With and without the tenant, which `composite-foreign-keys` adds: both plans must agree. */
function referencedKeys({ snapshot, tables }: Planning): ReadonlySet<string> {
  const tenantOf = new Map(
    tables.flatMap(({ relation, tenant }) =>
      tenant?.kind === 'column' ? [[tableKey(relation), tenant.column.name] as const] : [],
    ),
  )
  return new Set(
    snapshot.relations.flatMap((relation) =>
      foreignKeysOf(relation).flatMap(({ references }) => {
        const tenant = tenantOf.get(tableKey(references))
        const others = references.columns.filter((name) => name !== tenant)
        return [keyName(references, references.columns), keyName(references, others)]
      }),
    ),
  )
}

function perTenant(
  planning: Planning,
  relation: Relation,
  index: IndexInfo,
  column: string,
): readonly Step[] {
  const constraint = relation.constraints.find(({ name }) => name === index.constraint)
  const change = constraint
    ? replaceConstraint(relation, constraint, column)
    : replaceIndex(relation, index, column)
  const object = displayName(relation)
  if (!change) {
    planning.notes.push({
      object,
      message: `unique key ${index.name} could not be read; make it per tenant by hand`,
    })
    return []
  }
  return [
    makeStep({
      id: `unique:${object}:${index.name}`,
      object,
      summary: `make unique key ${index.name} of ${object} per tenant`,
      ...change,
      hazards: [
        {
          kind: 'BLOCKS_WRITES',
          object,
          detail: 'ACCESS EXCLUSIVE lock while the index is rebuilt',
        },
      ],
      group: 'tenant-unique-keys',
    }),
  ]
}

interface Change {
  readonly up: readonly Sql[]
  readonly down: readonly Sql[]
}

/** `UNIQUE (a)` becomes `UNIQUE (tenant_id, a)`; NULLS NOT DISTINCT and DEFERRABLE stay. */
function replaceConstraint(
  relation: Relation,
  constraint: Constraint,
  column: string,
): Change | null {
  if (constraint.kind !== 'unique') return null
  const table = qualifiedName(relation.schema, relation.name)
  const name = ident(constraint.name)
  // A function: in a replacement text `$&` would mean something.
  const widened = constraint.definition.replace('(', () => `(${ident(column).text}, `)
  const replace = (definition: string): Sql =>
    sql`alter table ${table} drop constraint ${name}, add constraint ${name} ${trustedSql(definition)}`
  return { up: [replace(widened)], down: [replace(constraint.definition)] }
}

/** Splices the tenant in behind the part of the definition that is known to the letter. */
function replaceIndex(relation: Relation, index: IndexInfo, column: string): Change | null {
  const on = relation.kind === 'partitioned-table' ? sql`ONLY ` : sql``
  const table = qualifiedName(relation.schema, relation.name)
  const head = sql`CREATE UNIQUE INDEX ${ident(index.name)} ON ${on}${table} USING ${ident(index.method)} (`
  if (!index.definition.startsWith(head.text) || relation.kind === 'partitioned-table') return null
  const widened = `${head.text}${ident(column).text}, ${index.definition.slice(head.text.length)}`
  const drop = sql`drop index ${qualifiedName(relation.schema, index.name)}`
  return { up: [drop, trustedSql(widened)], down: [drop, trustedSql(index.definition)] }
}
