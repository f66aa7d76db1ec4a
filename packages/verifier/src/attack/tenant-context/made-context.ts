import type { RuntimeRoleName } from '../../graph/runtime-roles.js'
import type { Principal } from '../principals.js'
import type { ContextSettings } from '../session.js'

/** Makes contexts as the application would. */
export interface ContextMaker {
  /** The settings of a principal for a role, or why there can be none. */
  make(principal: Principal, role: RuntimeRoleName): ContextSettings | string
  /** What a pooled connection is left with after a transaction that had a context. */
  readonly leftover: ContextSettings
}
