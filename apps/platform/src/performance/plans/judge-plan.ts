import { ident, joinSql, qualifiedName, sql, trustedSql } from 'watertight/sql'
import type { UnusableKeyRow } from '../index-repository.js'
import type { PlanWarning } from '../performance-schema.js'
import { callOf, comparesKey, conjunctsOf, mentionsColumn } from './conditions.js'
import type { PlanNode } from './plan-node.js'
import { scansOf } from './scan.js'
import type { Scan } from './scan.js'
import type { TableFact } from './table-facts-repository.js'
import { whySequential } from './why-sequential.js'

/** Below this many rows no plan is bad enough to speak of. */
export const worthPlanning = 1000
/** Rows looked at for one that is kept, from which on a scan is wide. */
const wide = 5

/** What a plan does badly under row level security. */
export function judgePlan(
  plan: PlanNode,
  tables: ReadonlyMap<string, TableFact>,
  unusable: readonly UnusableKeyRow[],
): readonly PlanWarning[] {
  const warnings = scansOf(plan, tables)
    .filter(({ read }) => read >= worthPlanning)
    .flatMap((scan) => {
      const sequential = sequentialScan(scan)
      return [
        ...sequential,
        ...(sequential.length > 0 ? [] : [...lateFilter(scan), ...perRow(scan)]),
        ...notLeakproof(scan, unusable),
      ]
    })
  return [...new Map(warnings.map((each) => [`${each.kind} ${each.message}`, each])).values()]
}

function sequentialScan({ node, table, filter }: Scan): readonly PlanWarning[] {
  const index = table.indexes.find(
    ({ keys: [first], partial }) => first === 'tenant_id' && !partial,
  )
  if (node['Node Type'] !== 'Seq Scan' || index === undefined) return []
  const why = whySequential(filter, table)
  if (why === null) return []
  return [
    {
      kind: 'sequential-scan',
      severity: 'warning',
      object: table.object,
      index: index.name,
      column: 'tenant_id',
      message: `All rows of ${table.object} are read, though ${index.name} begins with tenant_id: ${why.because}.`,
      remedy: why.remedy,
      fixSql: null,
    },
  ]
}

/** Rows of every tenant are fetched, and most are thrown away by the policy. */
function lateFilter({
  table,
  index,
  kept,
  read,
  indexCondition,
  filter,
}: Scan): readonly PlanWarning[] {
  if (index === null || mentionsColumn(indexCondition, 'tenant_id')) return []
  if (!mentionsColumn(filter, 'tenant_id') || read < wide * Math.max(1, kept)) return []
  const [schema = '', name = ''] = table.object.split('.')
  const keys = index.keys.filter((key) => key !== 'tenant_id').map(trustedSql)
  return [
    {
      kind: 'late-tenant-filter',
      severity: 'warning',
      object: table.object,
      index: index.name,
      column: 'tenant_id',
      message: `${index.name} does not begin with tenant_id: to keep about ${count(kept)} rows of one, the policy looks at up to ${count(read)} of all.`,
      remedy: null,
      fixSql:
        sql`create index concurrently on ${qualifiedName(schema, name)} (${joinSql([ident('tenant_id'), ...keys])})`
          .text,
    },
  ]
}

/** A function or setting of a policy that is asked for each row, and not once before. */
function perRow({ table, read, filter }: Scan): readonly PlanWarning[] {
  const called = table.policyFunctions.find((each) => callOf(filter, each) !== undefined)
  const setting = table.readsSettings && filter.includes('current_setting(')
  if (called === undefined && !setting) return []
  const name = called === undefined ? 'current_setting' : `${called.schema}.${called.name}`
  const ofRow = called !== undefined && /[a-z]/.test(callOf(filter, called) ?? '')
  return [
    {
      kind: 'function-per-row',
      severity: 'warning',
      object: table.object,
      index: null,
      column: null,
      message: `A policy of ${table.object} calls ${name}() for each of up to about ${count(read)} rows.`,
      remedy: ofRow
        ? 'It depends on the row: say in the policy what it says, as a comparison with (select …) of the context, so that the planner sees it.'
        : `Write (select ${name}(…)) in the policy: it is then called once a statement, before the first row.`,
      fixSql: null,
    },
  ]
}

/** A condition of the statement that has an index, which row level security keeps from using it. */
function notLeakproof(
  { node, table, read, filter }: Scan,
  unusable: readonly UnusableKeyRow[],
): readonly PlanWarning[] {
  const key = unusable.find(
    ({ object, column, operators }) =>
      object === table.object &&
      conjunctsOf(filter).some((part) => comparesKey(part, column, operators)),
  )
  if (key === undefined) return []
  const how = node['Node Type'] === 'Seq Scan' ? 'all' : 'about'
  return [
    {
      kind: 'condition-not-leakproof',
      severity: 'warning',
      object: table.object,
      index: key.index,
      column: key.column,
      message: `The condition on ${key.column} is checked on ${how} ${count(read)} rows: the operator ${key.operator} is not leakproof, so under row level security it comes after the policies and ${key.index} is of no use to it.`,
      remedy:
        'Compare a column (a generated one for an expression) of a type whose operators are leakproof, such as text, uuid, bigint or timestamptz, under an index that begins with tenant_id.',
      fixSql: null,
    },
  ]
}

function count(rows: number): string {
  return Math.round(rows).toLocaleString('en')
}
