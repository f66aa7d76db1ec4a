import type { Relation } from 'watertight/catalog'
import { ident, joinSql, literal, qualifiedName, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { Values } from '../attack/synthesis/values.js'

/** Policies are looked at, not triggers and foreign keys; superuser only, and rolled back. */
export const asReplica: Sql = sql`set local session_replication_role = replica`

/** Statements that store exactly this row, in the place of one with its primary key. */
export function storing(relation: Relation, values: Values): readonly Sql[] {
  const name = qualifiedName(relation.schema, relation.name)
  const entries = Object.entries(values).filter(([column]) =>
    relation.columns.some((entry) => entry.name === column && entry.generated === null),
  )
  const list = joinSql(entries.map(([column]) => ident(column)))
  const cells = joinSql(entries.map(([, value]) => (value === null ? sql`null` : literal(value))))
  const key = relation.constraints.find(({ kind }) => kind === 'primary-key')?.columns ?? []
  const same = Object.fromEntries(key.map((column) => [column, values[column] ?? null]))
  return [
    ...(key.length === 0 ? [] : [sql`delete from ${name} r where ${matchCondition(same)}`]),
    sql`insert into ${name} (${list}) overriding system value values (${cells})`,
  ]
}

/** A query that has the row, over the columns that may be read. */
export function matching(relation: Relation, values: Values, readable?: readonly string[]): Sql {
  const known = Object.fromEntries(
    Object.entries(values).filter(([column]) => readable?.includes(column) ?? true),
  )
  const name = qualifiedName(relation.schema, relation.name)
  return sql`select from ${name} r where ${matchCondition(known)}`
}

/** That row `r` has these values. */
export function matchCondition(values: Values): Sql {
  const parts = Object.entries(values).map(([column, value]) =>
    value === null
      ? sql`r.${ident(column)} is null`
      : sql`r.${ident(column)}::text = ${literal(value)}`,
  )
  return joinSql([sql`true`, ...parts], ' and ')
}
