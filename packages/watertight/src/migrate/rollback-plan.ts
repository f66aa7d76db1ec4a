import { WatertightError } from '../errors/index.js'
import type { Hazard } from '../plan/index.js'
import type { Queryable } from '../sql/index.js'
import { forgetPlan, readHistory } from './applied-plan.js'
import type { AppliedPlan } from './applied-plan.js'
import { currentHash, requireConsent, runSteps } from './apply-plan.js'
import type { ApplyOptions } from './apply-plan.js'
import { inChangeTransaction } from './apply-transaction.js'

/** What `rollbackPlan` accepts beside the options of `applyPlan`. */
export interface RollbackOptions extends ApplyOptions {
  /** Roll back although the database changed since the plan was applied. */
  readonly force?: boolean
}

/** What rolling back the last plan would do. */
export interface RollbackPreview {
  readonly applied: AppliedPlan
  readonly hazards: readonly Hazard[]
  /** True when the database is as the plan left it. */
  readonly isUnchanged: boolean
}

/**
 * Says what `rollbackPlan` would undo.
 *
 * @throws NOTHING_TO_ROLL_BACK when no plan is recorded.
 */
export async function planRollback(db: Queryable): Promise<RollbackPreview> {
  const applied = await lastApplied(db)
  const hazards = applied.plan.steps.flatMap(({ downHazards }) => downHazards)
  const hash = await currentHash(db, applied.plan.from)
  return { applied, hazards, isUnchanged: hash === applied.toHash }
}

/**
 * Undoes the plan that was applied last: every step's reverse, last step first, in one transaction.
 * Without drift the catalog is then what it was before the plan.
 *
 * @throws NOTHING_TO_ROLL_BACK, CONSENT_REQUIRED, STALE_PLAN (the database changed since; `force`
 * overrides), and what `applyPlan` throws; in every case nothing has changed.
 */
export async function rollbackPlan(
  db: Queryable,
  options: RollbackOptions = {},
): Promise<AppliedPlan> {
  return inChangeTransaction(db, options, async () => {
    const { applied, hazards, isUnchanged } = await planRollback(db)
    requireConsent(hazards, options.allow ?? [])
    if (!isUnchanged && options.force !== true) {
      throw new WatertightError('STALE_PLAN', 'the database changed since the plan was applied', {
        hint: 'see `watertight status` for what changed; `--force` rolls back all the same',
      })
    }
    // The record goes first: the reverse may drop the table that holds it.
    await forgetPlan(db, applied.id)
    await runSteps(db, applied.plan.steps.toReversed(), (step) => step.down, options)
    return applied
  })
}

async function lastApplied(db: Queryable): Promise<AppliedPlan> {
  const applied = (await readHistory(db)).at(-1)
  if (applied) return applied
  throw new WatertightError('NOTHING_TO_ROLL_BACK', 'no applied plan is recorded in this database')
}
