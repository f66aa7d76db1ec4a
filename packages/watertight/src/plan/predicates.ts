import type { Column } from '../catalog/index.js'
import type { ContextSource } from '../model/index.js'
import { ident, joinSql, literal, qualifiedName, sql, trustedSql } from '../sql/index.js'
import type { Sql } from '../sql/index.js'
import type { BoundColumn, BoundShared, ForeignKeyHop, KeyPath } from './bound-model.js'

/*
 * Predicates are written the way `pg_get_expr` prints them (white space aside), so that the planner
 * can compare what is there with what should be there as text. Convergence tests on every supported
 * server version hold this.
 */

/** The kernel functions that policies call. */
export type ContextFunction =
  | 'tenant_id'
  | 'tenant_ids'
  | 'auditor_tenant_id'
  | 'platform_tenant_id'
  | 'platform_write_tenant_id'
  | 'user_id'
  | 'mode'
  | 'org_unit_ids'

/** `( SELECT watertight.f() AS f)`: a sub-select, so that it runs once per statement. */
function callOnce(name: ContextFunction): Sql {
  return sql`( SELECT ${qualifiedName('watertight', name)}() AS ${ident(name)})`
}

/** `a AND b AND …` in one pair of parentheses; a single operand stands alone. */
export function and(operands: readonly Sql[]): Sql {
  const [first] = operands
  if (first && operands.length === 1) return first
  return sql`(${joinSql(operands, ' AND ')})`
}

/** `a OR b OR …`, as {@link and}. */
export function or(operands: readonly Sql[]): Sql {
  const [first] = operands
  if (first && operands.length === 1) return first
  return sql`(${joinSql(operands, ' OR ')})`
}

/** `( SELECT watertight.has_capability('orders.supervise'::text) AS has_capability)`. */
export function hasCapability(capability: string): Sql {
  const name = ident('has_capability')
  return sql`( SELECT ${qualifiedName('watertight', 'has_capability')}(${literal(capability)}::text) AS ${name})`
}

/** The column, cast where PostgreSQL would insert a cast itself. */
export function comparand(key: BoundColumn, qualifier: Sql | null): Sql {
  return comparable(key.column, qualifier)
}

/** A domain is compared as its base type, and varchar as text (its operators are text's). */
function comparable(column: Column, qualifier: Sql | null): Sql {
  const name = ident(column.name)
  const reference = qualifier ? sql`${qualifier}.${name}` : name
  const base = withoutModifier(column.baseType)
  const isVarchar = base === 'character varying'
  if (column.type === column.baseType && !isVarchar) return reference
  return sql`(${reference})::${trustedSql(isVarchar ? 'text' : base)}`
}

/** `character varying(20)` as `character varying`. */
function withoutModifier(type: string): string {
  return type.replace(/\(\d+(,\d+)?\)/, '')
}

/** How a key column is compared with the context. */
export type KeyTest = (comparand: Sql, key: BoundColumn) => Sql

/** `column = (select watertight.f())`. */
export function equalsContext(name: ContextFunction): KeyTest {
  return (reference) => sql`(${reference} = ${callOnce(name)})`
}

/** `column = any ((select watertight.f())::type[])`. */
export function isAmongContext(name: ContextFunction): KeyTest {
  return (reference, key) =>
    sql`(${reference} = ANY (${callOnce(name)}::${trustedSql(key.keyType)}[]))`
}

/** The test of the member's tenant: equality, or membership where a user has several tenants at once. */
export function memberTenantTest(context: ContextSource): KeyTest {
  return context.kind === 'membership' ? isAmongContext('tenant_ids') : equalsContext('tenant_id')
}

/** Something a row has to satisfy, at a place that is reached along foreign keys. */
export interface RowTest {
  readonly path: KeyPath
  readonly test: KeyTest
}

/**
 * The conjunction of `tests` for a row of `table`. Tests that go through the same parent share one
 * EXISTS, so tenant and org unit are decided on the same parent row.
 *
 * @example
 * ```sql
 * (EXISTS ( SELECT 1 FROM sec.deliveries parent1
 *   WHERE ((parent1.id = delivery_attempts.delivery_id)
 *     AND (parent1.tenant_id = ( SELECT watertight.tenant_id() AS tenant_id)))))
 * ```
 */
export function rowPredicate(tests: readonly RowTest[], table: string): Sql {
  return and(conjuncts(tests, null, ident(table), 1, aliasStem(table, 'parent')))
}

/**
 * A stem for aliases inside sub-selects.
 *
 * SECURITY: an alias equal to the policy's own table would capture the references to the outer row.
 */
export function aliasStem(table: string, wanted: string): string {
  return table.startsWith(wanted) ? `outer_${wanted}` : wanted
}

function conjuncts(
  tests: readonly RowTest[],
  qualifier: Sql | null,
  table: Sql,
  depth: number,
  stem: string,
): readonly Sql[] {
  const own: Sql[] = []
  const byParent = new Map<string, { hop: ForeignKeyHop; tests: RowTest[] }>()
  for (const { path, test } of tests) {
    if (path.kind === 'column') {
      own.push(test(comparand(path, qualifier), path))
      continue
    }
    const { parent, pairs } = path.hop
    const key = JSON.stringify([parent.schema, parent.name, pairs.map(({ child }) => child.name)])
    const group = byParent.get(key) ?? { hop: path.hop, tests: [] }
    group.tests.push({ path: path.next, test })
    byParent.set(key, group)
  }
  const viaParents = [...byParent.values()].map((group) => {
    const alias = ident(`${stem}${depth}`)
    const inner = conjuncts(group.tests, alias, alias, depth + 1, stem)
    return existsParent(group.hop, alias, table, inner)
  })
  return [...own, ...viaParents]
}

/** EXISTS a parent row along `hop` that satisfies `conditions`. */
export function existsParent(
  hop: ForeignKeyHop,
  alias: Sql,
  child: Sql,
  conditions: readonly Sql[],
): Sql {
  const joins = hop.pairs.map(
    ({ child: own, parent }) => sql`(${comparable(parent, alias)} = ${comparable(own, child)})`,
  )
  const from = sql`${qualifiedName(hop.parent.schema, hop.parent.name)} ${alias}`
  return sql`(EXISTS ( SELECT 1 FROM ${from} WHERE ${and([...joins, ...conditions])}))`
}

/** True for rows of `table` whose user shares a tenant with the reader. */
export function sharesTenant(
  table: string,
  user: BoundColumn,
  shared: BoundShared,
  tenantTest: KeyTest,
): Sql {
  const alias = ident(aliasStem(table, 'shared'))
  const tenant = tenantTest(comparand(shared.tenant, alias), shared.tenant)
  const match = sql`(${comparand(shared.user, alias)} = ${comparand(user, ident(table))})`
  const from = sql`${qualifiedName(shared.relation.schema, shared.relation.name)} ${alias}`
  return sql`(EXISTS ( SELECT 1 FROM ${from} WHERE ${and([match, tenant])}))`
}

/** Quoted by the later of the supported versions only, so a server may print them either way. */
const newerKeywords =
  /^"(json(_(array(agg)?|exists|object(agg)?|query|scalar|serialize|table|value))?|merge_action|system_user)"$/

/**
 * The form in which two expressions are compared: white space outside quotes collapsed, and names
 * that only some server versions quote without quotes.
 */
export function normaliseExpression(text: string): string {
  return text
    .replace(/('(?:[^']|'')*'|"(?:[^"]|"")*")|\s+/g, (_, quoted: string | undefined) =>
      quoted === undefined ? ' ' : newerKeywords.test(quoted) ? quoted.slice(1, -1) : quoted,
    )
    .trim()
}
