import { emptySql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { UnusableKeyRow } from '../index-repository.js'
import type { PerformanceReport, PlanWarning } from '../performance-schema.js'
import type { StatementRow } from '../statement-repository.js'
import { isOneStatement, withValue } from './client-statement.js'
import { explainStatement } from './explain-statement.js'
import type { PlannedAs } from './explain-statement.js'
import { judgePlan } from './judge-plan.js'
import type { PlanContext } from './plan-context.js'
import { excerptOf, nodesOf } from './plan-node.js'
import type { PlanNode } from './plan-node.js'
import { readTableFacts } from './table-facts-repository.js'
import type { TableFact } from './table-facts-repository.js'
import { comparePlans, tenantTexts } from './whale-and-minnow.js'

type PlannedStatement = PerformanceReport['plans']['items'][number]
type Unplanned = PerformanceReport['plans']['notPlanned'][number]

/** A statement that can be planned, and as whom. */
interface Candidate extends PlannedAs {
  readonly row: StatementRow
  readonly text: string
}

/** What plans need beside the statements. */
export interface PlanSurroundings {
  readonly contexts: PlanContext
  readonly unusable: readonly UnusableKeyRow[]
  /** Whose context is sent. */
  readonly tenantId: string
}

/** What was found about some statements. */
export interface PlannedStatements {
  readonly examined: number
  readonly items: PlannedStatement[]
  readonly notPlanned: Unplanned[]
}

/**
 * Plans the statements of the application's roles, each as its role and under a context, and judges
 * the plans. Statements of other roles are passed over.
 */
export async function planStatements(
  db: Queryable,
  statements: readonly StatementRow[],
  { contexts, unusable, tenantId }: PlanSurroundings,
): Promise<PlannedStatements> {
  const plans: (readonly [Candidate, PlanNode])[] = []
  const notPlanned: Unplanned[] = []
  for (const row of statements) {
    const mode = contexts.modes.get(row.role ?? '')
    if (mode === undefined || row.role === null) continue
    if (row.whole === null || !isOneStatement(row.whole)) {
      const reason = row.whole === null ? 'the text is too long' : notOne
      notPlanned.push({ statementId: row.id, text: row.text, reason })
      continue
    }
    const candidate = {
      row,
      text: row.whole,
      role: row.role,
      context: contexts.sign(mode, tenantId),
    }
    const explained = await explainStatement(db, withValue(row.whole, [], emptySql), candidate)
    if ('plan' in explained) plans.push([candidate, explained.plan])
    else
      notPlanned.push({ statementId: row.id, text: row.text, reason: reasonOf(explained.sqlState) })
  }
  const tables = await readTableFacts(db, relationsOf(plans.map(([, plan]) => plan)))
  const items: PlannedStatement[] = []
  for (const [candidate, plan] of plans) {
    const warnings = [
      ...judgePlan(plan, tables, unusable),
      ...(await compareTenants(db, candidate, plan, { contexts, tables })),
    ]
    if (warnings.length > 0) items.push(itemOf(candidate.row, plan, warnings))
  }
  return { examined: plans.length, items, notPlanned }
}

async function compareTenants(
  db: Queryable,
  { text, role, row }: Candidate,
  plan: PlanNode,
  { contexts, tables }: { contexts: PlanContext; tables: ReadonlyMap<string, TableFact> },
): Promise<readonly PlanWarning[]> {
  const named = relationsOf([plan]).flatMap((name) => tables.get(name) ?? [])
  const texts = tenantTexts(text, named)
  const mode = contexts.modes.get(row.role ?? '')
  if (texts === null || mode === undefined) return []
  const [whale, minnow] = [texts.whale, texts.minnow].map(
    ({ tenantId, statement }) =>
      [statement, { role, context: contexts.sign(mode, tenantId) }] as const,
  )
  if (whale === undefined || minnow === undefined) return []
  const first = await explainStatement(db, ...whale)
  const second = await explainStatement(db, ...minnow)
  return 'plan' in first && 'plan' in second
    ? comparePlans(texts.table, first.plan, second.plan)
    : []
}

function itemOf(row: StatementRow, plan: PlanNode, warnings: PlanWarning[]): PlannedStatement {
  const { id: statementId, text, role, calls, meanMs } = row
  return { statementId, text, role, calls, meanMs, plan: excerptOf(plan), warnings }
}

function relationsOf(plans: readonly PlanNode[]): readonly string[] {
  const names = plans
    .flatMap(nodesOf)
    .flatMap(({ Schema: schema, 'Relation Name': name }) =>
      schema === undefined || name === undefined ? [] : [`${schema}.${name}`],
    )
  return [...new Set(names)]
}

const notOne = 'it is not one SELECT, INSERT, UPDATE or DELETE'

const reasons: Readonly<Record<string, string>> = {
  '57014': 'planning took longer than two seconds',
  '42501': 'the login may not act as the role, or the role not use what the statement names',
  '42601': 'the text does not stand by itself without its values',
  '42P01': 'a table that it names is not there any more',
  '42P18': 'the type of a parameter cannot be told',
}

function reasonOf(sqlState: string): string {
  return `${reasons[sqlState] ?? 'PostgreSQL does not plan it'} (SQLSTATE ${sqlState})`
}
