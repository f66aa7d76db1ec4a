export { applyPlan } from './apply-plan.js'
export type { ApplyOptions } from './apply-plan.js'
export type { ChangeOptions } from './apply-transaction.js'
export { readHistory } from './applied-plan.js'
export type { AppliedPlan } from './applied-plan.js'
export { canonicaliseConditions } from './canonicalise-conditions.js'
export { hazardKinds, isHazardKind, missingConsent } from './consent.js'
export { makePlan, schemasOf } from './make-plan.js'
export { parsePlan } from './parse-plan.js'
export { renderMigration } from './render-migration.js'
export type { MigrationFiles } from './render-migration.js'
export { planRollback, rollbackPlan } from './rollback-plan.js'
export type { RollbackOptions, RollbackPreview } from './rollback-plan.js'
export {
  addSigningKey,
  listSigningKeys,
  retireSigningKey,
  revokeSigningKey,
} from './signing-keys.js'
export type { SigningKeyInfo } from './signing-keys.js'
