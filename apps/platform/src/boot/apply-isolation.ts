import { applyPlan, makePlan } from 'watertight/migrate'
import { formatTableName } from 'watertight/model'
import type { TenancyModel } from 'watertight/model'
import type { Queryable } from 'watertight/sql'

/**
 * Brings the isolation layer to what the model declares, and returns the number of steps that took.
 * Consents to publishing and disclosing what the model declares so, by name, and to nothing else.
 *
 * @throws what `makePlan` and `applyPlan` throw; nothing has changed then.
 */
export async function applyIsolation(
  db: Queryable,
  model: TenancyModel,
  signal?: AbortSignal,
): Promise<number> {
  const plan = await makePlan(db, model)
  if (plan.steps.length === 0) return 0
  const published = model.tables.filter((table) => table.public !== null)
  const named = [
    ...published.map(({ table }) => table),
    ...(model.disclosures?.functions ?? []).map((disclosure) => disclosure.function),
  ]
  const allow = named.map((name) => `WIDENS_ACCESS:${formatTableName(name)}`)
  await applyPlan(db, plan, { allow, ...(signal && { signal }) })
  return plan.steps.length
}
