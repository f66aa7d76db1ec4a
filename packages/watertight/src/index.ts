export { WatertightError } from './errors/index.js'
export type { ErrorCode, Problem } from './errors/index.js'
export { defineTenancy } from './model/index.js'
export type { TenancyInput, TenancyModel } from './model/index.js'
export {
  createTxManager,
  currentContext,
  generateSigningKey,
  parseSigningKey,
  parseTenantContext,
  withContext,
} from './runtime/index.js'
export type {
  ContextMode,
  Driver,
  OrgScope,
  RolePools,
  RunOptions,
  SigningKey,
  TenantContext,
  TenantContextInput,
  Transaction,
  TxManager,
  TxManagerOptions,
} from './runtime/index.js'
