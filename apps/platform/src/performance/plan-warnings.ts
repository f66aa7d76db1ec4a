import { ident, qualifiedName, sql } from 'watertight/sql'
import type { IndexFacts, UnusableKeyRow } from './index-repository.js'
import type { TableLoadRow } from './load-repository.js'
import type { PlanWarning } from './performance-schema.js'

/** Below this many rows no plan is bad enough to speak of. */
const worthIndexing = 1000
/** From this share on, the plan for the largest tenant is another than the one for the others. */
const whaleShare = 0.5

/** What makes plans bad for some tenants, worst first. */
export function planWarnings(
  indexes: IndexFacts,
  tables: readonly TableLoadRow[],
): readonly PlanWarning[] {
  return [
    ...indexes.withoutTenantIndex.map(missingTenantIndex),
    ...tables.flatMap((table) => [...skewOf(table), ...stalenessOf(table)]),
    ...indexes.unusable.map(unusableKey),
  ].toSorted((a, b) => Number(b.severity === 'warning') - Number(a.severity === 'warning'))
}

function missingTenantIndex(object: string): PlanWarning {
  const [schema = '', name = ''] = object.split('.')
  return {
    kind: 'missing-tenant-index',
    severity: 'warning',
    object,
    index: null,
    column: 'tenant_id',
    message: `No index of ${object} begins with tenant_id: its policies read every row of every tenant.`,
    remedy: null,
    fixSql: sql`create index concurrently on ${qualifiedName(schema, name)} (${ident('tenant_id')})`
      .text,
  }
}

function skewOf({ object, rows, largestTenantShare, tenants }: TableLoadRow): PlanWarning[] {
  if (largestTenantShare === null || largestTenantShare < whaleShare) return []
  if (rows < worthIndexing || tenants < 2) return []
  const share = `${String(Math.round(largestTenantShare * 100))} %`
  return [
    {
      kind: 'tenant-skew',
      severity: 'warning',
      object,
      index: null,
      column: 'tenant_id',
      message: `One tenant has ${share} of the rows of ${object}: a plan that is kept for it is slow for the small ones, and the other way round.`,
      remedy:
        'Name the tenant in the statement beside the policy (tenant_id = $1), so that it is planned for the tenant that asks.',
      fixSql: null,
    },
  ]
}

function stalenessOf({ object, rows, analyzedAt }: TableLoadRow): PlanWarning[] {
  if (rows < worthIndexing || analyzedAt !== null) return []
  const [schema = '', name = ''] = object.split('.')
  return [
    {
      kind: 'stale-statistics',
      severity: 'warning',
      object,
      index: null,
      column: null,
      message: `${object} was never analyzed since the statistics were reset: plans are guesses.`,
      remedy: null,
      fixSql: sql`analyze ${qualifiedName(schema, name)}`.text,
    },
  ]
}

function unusableKey(row: UnusableKeyRow): PlanWarning {
  const { object, index, column, place, operator, hasTenant } = row
  const isFirst = place === 1
  const rest = isFirst
    ? 'so no condition can use the index'
    : 'so only the columns before it narrow what is read'
  return {
    kind: 'index-not-usable',
    severity: isFirst ? 'warning' : 'info',
    object,
    index,
    column,
    message: `Under row level security a condition on ${column} is checked after the policies: the operator ${operator} is not leakproof, ${rest}.`,
    remedy: isFirst
      ? hasTenant
        ? 'Put tenant_id in front of the index, so that the policy narrows what is read.'
        : 'Search by a column whose comparison is leakproof, such as a copy in one spelling.'
      : null,
    fixSql: null,
  }
}
