import type { RuntimeRole, TenancyModel } from 'watertight/model'
import type { GrantIds } from '../access-grants.js'
import type { Principal } from '../principals.js'
import type { ContextSettings, ProbeSession } from '../session.js'
import { claimsContext, plainContext } from './plain-context.js'
import { signedContext } from './signed-context.js'

/** Makes contexts as the application would. */
export interface ContextMaker {
  /** The settings of a principal for a role, or why there can be none. */
  make(principal: Principal, role: RuntimeRole): ContextSettings | string
  /** What a pooled connection is left with after a transaction that had a context. */
  readonly leftover: ContextSettings
}

/** Prepares the transaction (a signing key of its own, where needed) and makes contexts in it. */
export function contextMaker(
  model: TenancyModel,
  session: ProbeSession,
  orgUnits: readonly string[],
  grants: GrantIds,
): Promise<ContextMaker | string> {
  const { context } = model
  if (context.kind === 'signed') return signedContext(model, session, grants)
  if (context.kind === 'guc') return Promise.resolve(plainContext(context, orgUnits))
  return Promise.resolve(claimsContext(context))
}
