import { literal, sql } from 'watertight/sql'
import type { Sql } from 'watertight/sql'
import type { PlanWarning } from '../performance-schema.js'
import { parametersOf, withValue } from './client-statement.js'
import { mentionsColumn } from './conditions.js'
import { worthPlanning } from './judge-plan.js'
import { nodesOf, shapeOf } from './plan-node.js'
import type { PlanNode } from './plan-node.js'
import { scansOf } from './scan.js'
import type { TableFact } from './table-facts-repository.js'

/** A statement with the tenant written out. */
export interface TenantText {
  readonly tenantId: string
  readonly statement: Sql
}

/** The same statement for the largest tenant of a table and for a small one. */
export interface TenantTexts {
  readonly table: TableFact
  readonly whale: TenantText
  readonly minnow: TenantText
}

/** Null where the text does not name the tenant, or no table has a large and a small one. */
export function tenantTexts(text: string, tables: readonly TableFact[]): TenantTexts | null {
  const parameters = parametersOf(text, 'tenant_id')
  const table = tables
    .filter(({ rows, whale, minnow }) => rows >= worthPlanning && whale !== minnow)
    .toSorted((a, b) => b.rows - a.rows)[0]
  if (parameters.length === 0 || table === undefined) return null
  const { whale, minnow } = table
  if (whale === null || minnow === null) return null
  const textFor = (tenantId: string): TenantText => ({
    tenantId,
    statement: withValue(text, parameters, sql`${literal(tenantId)}::uuid`),
  })
  return { table, whale: textFor(whale), minnow: textFor(minnow) }
}

/** Says so where the plan of one is not that of the other, and goes through rows of all tenants. */
export function comparePlans(
  table: TableFact,
  whale: PlanNode,
  minnow: PlanNode,
): readonly PlanWarning[] {
  const { object } = table
  const isNarrow = [whale, minnow].every((plan) =>
    scansOf(plan, new Map([[table.relation, table]])).every(({ indexCondition }) =>
      mentionsColumn(indexCondition, 'tenant_id'),
    ),
  )
  if (shapeOf(whale) === shapeOf(minnow) || isNarrow) return []
  return [
    {
      kind: 'whale-and-minnow',
      severity: 'warning',
      object,
      index: null,
      column: 'tenant_id',
      message: `For the largest tenant of ${object} the planner takes ${wayOf(whale)}, for a small one ${wayOf(minnow)}: one plan that is kept for both is slow for one of them.`,
      remedy:
        "Have the statement planned for each tenant (plan_cache_mode = 'force_custom_plan', or no prepared statement), or make an index that begins with tenant_id and goes on with the order of the statement, which serves both.",
      fixSql: null,
    },
  ]
}

function wayOf(plan: PlanNode): string {
  const ways = nodesOf(plan).flatMap((node) => {
    const { 'Node Type': kind, 'Relation Name': relation, 'Index Name': index } = node
    if (relation === undefined && index === undefined) return []
    return [index === undefined ? `a ${kind.toLowerCase()} of ${relation ?? ''}` : index]
  })
  return [...new Set(ways)].slice(0, 3).join(' and ')
}
