import { catalogHash, readCatalog } from '../catalog/index.js'
import { WatertightError } from '../errors/index.js'
import type { Hazard, Plan, PlanOrigin, Step } from '../plan/index.js'
import type { Queryable } from '../sql/index.js'
import { recordPlan } from './applied-plan.js'
import type { AppliedPlan } from './applied-plan.js'
import { inChangeTransaction, refuseIfAborted } from './apply-transaction.js'
import type { ChangeOptions } from './apply-transaction.js'
import { missingConsent } from './consent.js'
import { toTypedError } from './server-errors.js'

/** What `applyPlan` and `rollbackPlan` accept. */
export interface ApplyOptions extends ChangeOptions {
  /** Hazards that are accepted, see `missingConsent`. */
  readonly allow?: readonly string[]
  /** Called before each step. */
  readonly onStep?: (step: Step, index: number, total: number) => void
}

/**
 * Applies a plan: in one transaction, under an advisory lock, to the database it was made for and
 * only while that is as it was. Nothing else is executed than the statements of the plan.
 *
 * @throws STALE_PLAN, FOREIGN_PLAN, CONSENT_REQUIRED, LOCK_NOT_AVAILABLE, MISSING_PRIVILEGE,
 * STATEMENT_FAILED (with the step), INTERRUPTED; in every case nothing has changed.
 */
export async function applyPlan(
  db: Queryable,
  plan: Plan,
  options: ApplyOptions = {},
): Promise<AppliedPlan> {
  requireConsent(
    plan.steps.flatMap(({ hazards }) => hazards),
    options.allow ?? [],
  )
  return inChangeTransaction(db, options, async () => {
    await requireOrigin(db, plan.from)
    await runSteps(db, plan.steps, (step) => step.up, options)
    return recordPlan(db, plan, await currentHash(db, plan.from))
  })
}

/** Executes statements step by step and names the step that fails. */
export async function runSteps(
  db: Queryable,
  steps: readonly Step[],
  statementsOf: (step: Step) => readonly string[],
  { onStep, signal }: ApplyOptions,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    refuseIfAborted(signal)
    onStep?.(step, index, steps.length)
    try {
      for (const statement of statementsOf(step)) await db.query(statement)
    } catch (error) {
      throw toTypedError(error, step.summary)
    }
  }
}

/** The hash of the part of the catalog that a plan is about, as it is now. */
export async function currentHash(db: Queryable, from: PlanOrigin): Promise<string> {
  // What the plan creates lies in the kernel schema, which need not have existed before.
  const schemas = [...new Set([...from.schemas, 'watertight'])]
  return catalogHash(await readCatalog(db, { schemas }), { roles: from.roles })
}

async function requireOrigin(db: Queryable, from: PlanOrigin): Promise<void> {
  const snapshot = await readCatalog(db, { schemas: [...new Set([...from.schemas, 'watertight'])] })
  const { database, systemIdentifier } = snapshot.server
  const isForeign =
    database !== from.database ||
    (systemIdentifier !== '' &&
      from.systemIdentifier !== '' &&
      systemIdentifier !== from.systemIdentifier)
  if (isForeign) {
    throw new WatertightError(
      'FOREIGN_PLAN',
      `the plan was made for database ${from.database}, and this is ${database} or another server`,
      { object: database, hint: 'make a plan on this database' },
    )
  }
  if (catalogHash(snapshot, { roles: from.roles }) !== from.catalogHash) {
    throw new WatertightError('STALE_PLAN', 'the database changed after the plan was made', {
      object: database,
      hint: 'make the plan again and read what is different',
    })
  }
}

/** @throws CONSENT_REQUIRED naming each hazard that was not allowed. */
export function requireConsent(hazards: readonly Hazard[], allow: readonly string[]): void {
  const missing = missingConsent(hazards, allow)
  if (missing.length === 0) return
  const flags = [...new Set(missing.map(({ kind, object }) => `${kind}:${object}`))]
  throw new WatertightError(
    'CONSENT_REQUIRED',
    `the plan needs consent to ${flags.length} hazard${flags.length === 1 ? '' : 's'}: ${flags.join(', ')}`,
    {
      hint: 'allow each by name',
      problems: missing.map(({ kind, object, detail }) => ({
        path: `${kind}:${object}`,
        message: detail,
      })),
    },
  )
}
