import type { Plan } from '../plan/index.js'
import type { Queryable } from '../sql/index.js'
import { parsePlan } from './parse-plan.js'

/** A plan that was applied to this database. */
export interface AppliedPlan {
  readonly id: string
  readonly appliedAt: Date
  /** The role that applied it. */
  readonly appliedBy: string
  /** Catalog hash before and after. */
  readonly fromHash: string
  readonly toHash: string
  readonly plan: Plan
}

interface AppliedPlanRow {
  readonly id: string
  readonly applied_at: Date
  readonly applied_by: string
  readonly from_hash: string
  readonly to_hash: string
  readonly plan: unknown
}

/** Plans that were applied and not rolled back, oldest first; none when the kernel is not installed. */
export async function readHistory(db: Queryable): Promise<readonly AppliedPlan[]> {
  const { rows: found } = await db.query<{ table: string | null }>(
    "select to_regclass('watertight.applied_plans')::text as table",
  )
  if (!found[0]?.table) return []
  const { rows } = await db.query<AppliedPlanRow>(
    `select id::text, applied_at, applied_by, from_hash, to_hash, plan
     from watertight.applied_plans order by applied_plans.id`,
  )
  return rows.map(toAppliedPlan)
}

/** Records a plan as applied. */
export async function recordPlan(db: Queryable, plan: Plan, toHash: string): Promise<AppliedPlan> {
  const { rows } = await db.query<AppliedPlanRow>(
    `insert into watertight.applied_plans (from_hash, to_hash, plan) values ($1, $2, $3)
     returning id::text, applied_at, applied_by, from_hash, to_hash, plan`,
    [plan.from.catalogHash, toHash, JSON.stringify(plan)],
  )
  const [row] = rows
  if (!row) throw new Error('insert … returning gave no row')
  return toAppliedPlan(row)
}

/** Forgets an applied plan: it is being rolled back. */
export async function forgetPlan(db: Queryable, id: string): Promise<void> {
  await db.query('delete from watertight.applied_plans where id = $1', [id])
}

function toAppliedPlan(row: AppliedPlanRow): AppliedPlan {
  return {
    id: row.id,
    appliedAt: row.applied_at,
    appliedBy: row.applied_by,
    fromHash: row.from_hash,
    toHash: row.to_hash,
    plan: parsePlan(row.plan),
  }
}
