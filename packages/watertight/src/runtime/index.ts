export { currentContext, withContext } from './ambient-context.js'
export type { IsolationLevel } from './begin-statement.js'
export type {
  BoundHandles,
  BoundTxManager,
  GrantedVisit,
  PlatformVisit,
  WorkerClaims,
} from './bound-handles.js'
export type { SigningKeySource } from './context-statement.js'
export type { CopySource } from './copy-stream.js'
export type {
  Driver,
  DriverResult,
  Flight,
  LandedFlight,
  LostFlight,
  ResultField,
  Session,
  Statement,
  StatementFailure,
  TransactionStatus,
  TypeParsers,
} from './driver.js'
export { isTenantContext, parseTenantContext } from './parse-tenant-context.js'
export type { ParseContextOptions, TenantContextInput } from './parse-tenant-context.js'
export { checkRuntimeRole } from './role-check.js'
export type { RoleCheckOptions } from './role-check.js'
export type { RetryOptions } from './retry.js'
export type { RolePools } from './role-pools.js'
export type { StreamOptions } from './row-stream.js'
export type { QueryOptions, RunOptions, Timeouts, TransactionDefaults } from './run-options.js'
export { escapeClaim, signContext } from './sign-context.js'
export {
  checkSigningKey,
  formatSigningKey,
  generateSigningKey,
  hmacPads,
  parseSigningKey,
} from './signing-key.js'
export type { HmacPads, SigningKey } from './signing-key.js'
export type {
  AuditorContext,
  ContextMode,
  MemberContext,
  OrgScope,
  PlatformContext,
  PublicContext,
  TenantContext,
  WorkerContext,
} from './tenant-context.js'
export { createSystemScope } from './system-scope.js'
export type {
  SystemScope,
  SystemScopeOptions,
  SystemStatement,
  SystemTransaction,
} from './system-scope.js'
export type { BatchItem } from './statement.js'
export type { Transaction, TransactionVerbs } from './transaction.js'
export { createTxManager } from './tx-manager.js'
export type {
  Denial,
  ObservedStatement,
  ObservedTransaction,
  Retry,
  TransactionEnd,
  TransactionKind,
  TransactionOutcome,
  TxObserver,
} from './tx-observer.js'
export type { TxManager, TxManagerOptions } from './tx-manager-port.js'
