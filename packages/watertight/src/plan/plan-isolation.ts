import { catalogHash } from '../catalog/index.js'
import type { CatalogSnapshot } from '../catalog/index.js'
import type { TenancyModel } from '../model/index.js'
import { bindModel } from './bind-model.js'
import type { CanonicalConditions } from './bound-model.js'
import { orderSteps } from './order-steps.js'
import type { ObjectKind } from './planning.js'
import { displayName, namedRoles } from './planning.js'
import type { Plan, PlanNote, Step } from './plan.js'
import { planAppendOnly } from './objects/append-only.js'
import { planCompositeForeignKeys } from './objects/composite-foreign-keys.js'
import { planDefaultPrivileges } from './objects/default-privileges.js'
import { planDisclosures } from './objects/disclosures.js'
import { planGrants } from './objects/grants.js'
import { planInvokerViews } from './objects/invoker-views.js'
import { planKernelFunctions } from './objects/kernel-functions.js'
import { planKernelSchema } from './objects/kernel-schema.js'
import { planKeyMemory } from './objects/key-memory.js'
import { planOwnership } from './objects/ownership.js'
import { planPolicies } from './objects/policies.js'
import { planProjectionViews } from './objects/projection-views.js'
import { planRoles } from './objects/roles.js'
import { planRowSecurity } from './objects/row-security.js'
import { planSchemaGrants } from './objects/schema-grants.js'
import { planSequenceGrants } from './objects/sequence-grants.js'
import { planTemporaryTables } from './objects/temporary-tables.js'
import { planTenantDefaults } from './objects/tenant-defaults.js'
import { planTenantIndexes } from './objects/tenant-indexes.js'
import { planTenantUniqueKeys } from './objects/tenant-unique-keys.js'

/** Object kinds in the order people expect to read them; requirements decide where it matters. */
const objectKinds: readonly ObjectKind[] = [
  planRoles,
  planKernelSchema,
  planKernelFunctions,
  planKeyMemory,
  planSchemaGrants,
  planTemporaryTables,
  planOwnership,
  planDefaultPrivileges,
  planTenantUniqueKeys,
  planCompositeForeignKeys,
  planTenantIndexes,
  planTenantDefaults,
  planPolicies,
  planRowSecurity,
  planAppendOnly,
  planGrants,
  planSequenceGrants,
  planProjectionViews,
  planInvokerViews,
  planDisclosures,
]

/**
 * The difference between the isolation layer that `model` declares and the one in `snapshot`: pure,
 * so the same inputs give the same plan, and an empty plan means that the layer is in place.
 *
 * @param conditions declared SQL conditions as the server prints them, see `canonicaliseConditions`
 * in `watertight/migrate`.
 * @throws MODEL_MISMATCH when the model names what the database does not have.
 * @example
 * ```ts
 * planIsolation(model, snapshot, {}).steps[0]?.up
 * // ['create role acme_owner nologin']
 * ```
 */
export function planIsolation(
  model: TenancyModel,
  snapshot: CatalogSnapshot,
  conditions: CanonicalConditions = {},
): Plan {
  const bound = bindModel(model, snapshot, conditions)
  const notes: PlanNote[] = bound.unclassified.map((relation) => ({
    object: displayName(relation),
    message: 'is not declared: runtime roles get no access to it',
  }))
  const all = objectKinds.flatMap((kind) => kind({ ...bound, notes }))
  const roles = namedRoles(model)
  const isWanted = (step: Step): boolean =>
    step.group === null || model.include.includes(step.group)
  return {
    format: 'watertight.plan/1',
    from: {
      catalogHash: catalogHash(snapshot, { roles }),
      database: snapshot.server.database,
      systemIdentifier: snapshot.server.systemIdentifier,
      serverVersionNum: snapshot.server.versionNum,
      schemas: snapshot.schemas.map(({ name }) => name),
      roles,
    },
    steps: orderSteps(all.filter(isWanted)),
    optional: orderSteps(all.filter((step) => !isWanted(step))),
    notes,
  }
}
