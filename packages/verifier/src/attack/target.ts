import type { TenancyModel } from 'watertight/model'
import { ident, qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Classification, ClassifiedTable } from '../graph/classify.js'
import { objectName } from '../graph/object-name.js'

/** Whose rows are kept apart: those of tenants, or of users. */
export type Boundary = 'tenant' | 'user'

/** A table as the attacks see it. */
export interface Target {
  readonly table: ClassifiedTable
  readonly name: Sql
  readonly boundary: Boundary
  /** The tenant (or user) of row `r`, through parents where it has to be. */
  readonly key: Sql
  readonly keyType: Sql
  /** The column that holds the key; null when it comes through a parent. */
  readonly keyColumn: string | null
}

/** The target of a table, or why there is none. */
export function targetOf(
  model: TenancyModel,
  tables: Classification,
  table: ClassifiedTable,
): Target | string {
  const name = qualifiedName(table.relation.schema, table.relation.name)
  if (table.scope === null) return 'the table is not classified'
  if (table.scope === 'global') return 'the table is global'
  if (table.scope === 'self') {
    const column = table.userColumn
    if (column === null) return 'the model does not name the user column'
    const keyType = typeOf(table, column)
    return { table, name, boundary: 'user', key: own(column), keyType, keyColumn: column }
  }
  const found = keyOf(tables, table, sql`r`, 0)
  if (typeof found === 'string') return found
  const keyColumn = table.through === null ? table.tenantColumn : null
  return { table, name, boundary: 'tenant', ...found, keyColumn }
}

function own(column: string): Sql {
  return sql`r.${ident(column)}`
}

function typeOf(table: ClassifiedTable, column: string): Sql {
  return trustedSql(table.relation.columns.find((entry) => entry.name === column)?.type ?? 'text')
}

interface Key {
  readonly key: Sql
  readonly keyType: Sql
}

function keyOf(
  tables: Classification,
  table: ClassifiedTable,
  alias: Sql,
  depth: number,
): Key | string {
  if (table.through === null) {
    const column = table.tenantColumn
    if (column === null) return `${table.name} has no tenant column`
    return { key: sql`${alias}.${ident(column)}`, keyType: typeOf(table, column) }
  }
  const link = table.through
  const parent = tables.get(objectName(link.parent))
  if (parent === undefined || depth > 8) return 'the tenant cannot be followed through the parents'
  const inner = ident(`p${depth}`)
  const next = keyOf(tables, parent, inner, depth + 1)
  if (typeof next === 'string') return next
  const conditions = link.columns.map(
    (column, index) =>
      sql`${inner}.${ident(link.parentColumns[index] ?? column)} = ${alias}.${ident(column)}`,
  )
  const all = conditions.reduce((left, right) => sql`${left} and ${right}`)
  return {
    key: sql`(select ${next.key} from ${qualifiedName(link.parent.schema, link.parent.name)} ${inner} where ${all})`,
    keyType: next.keyType,
  }
}
