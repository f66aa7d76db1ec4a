import { readCatalog } from '../catalog/index.js'
import type { TenancyModel } from '../model/index.js'
import { planIsolation } from '../plan/index.js'
import type { Plan } from '../plan/index.js'
import type { Queryable } from '../sql/index.js'
import { canonicaliseConditions } from './canonicalise-conditions.js'
import { refuseRuntimeOwner } from './refuse-runtime-owner.js'

/**
 * Plans the isolation layer of the connected database: what `model` wants minus what is there.
 * Changes nothing. `db` is one connection outside a transaction.
 *
 * @throws MODEL_MISMATCH, UNSUPPORTED_SERVER, CONNECTION_FAILED.
 */
export async function makePlan(db: Queryable, model: TenancyModel): Promise<Plan> {
  const snapshot = await readCatalog(db, { schemas: schemasOf(model) })
  refuseRuntimeOwner(model, snapshot)
  return planIsolation(model, snapshot, await canonicaliseConditions(db, model))
}

/** Every schema that the model's isolation layer touches or reads. */
export function schemasOf(model: TenancyModel): readonly string[] {
  const { orgUnits, accessGrants, context, tenantKey, disclosures } = model
  const support = [
    orgUnits?.table,
    accessGrants?.table,
    tenantKey.table,
    context.kind === 'membership' ? context.via.table : null,
    ...(disclosures?.functions ?? []).map((disclosure) => disclosure.function),
  ].flatMap((table) => table?.schema ?? [])
  const declared = model.tables.map(({ table }) => table.schema)
  return [...new Set([...model.schemas, ...declared, ...support, 'watertight'])]
}
