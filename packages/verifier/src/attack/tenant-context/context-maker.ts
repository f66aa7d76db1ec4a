import type { TenancyModel } from 'watertight/model'
import type { GrantIds } from '../access-grants.js'
import type { ProbeSession } from '../session.js'
import type { ContextMaker } from './made-context.js'
import { claimsContext, plainContext } from './plain-context.js'
import { signedContext } from './signed-context.js'

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
