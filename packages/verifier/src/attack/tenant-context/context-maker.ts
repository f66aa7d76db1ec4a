import { claimsWithoutUser } from '../../graph/without-user.js'
import type { LintInput } from '../../lint/rule.js'
import type { GrantIds } from '../access-grants.js'
import type { ProbeSession } from '../session.js'
import type { ContextMaker } from './made-context.js'
import { claimsContext, plainContext } from './plain-context.js'
import { signedContext } from './signed-context.js'

/** Prepares the transaction (a signing key of its own, where needed) and makes contexts in it. */
export function contextMaker(
  { model, catalog }: Pick<LintInput, 'model' | 'catalog'>,
  session: ProbeSession,
  orgUnits: readonly string[],
  grants: GrantIds,
): Promise<ContextMaker | string> {
  const { context } = model
  if (context.kind === 'signed') return signedContext(model, session, grants)
  if (context.kind === 'guc') return Promise.resolve(plainContext(context, orgUnits))
  const isWithoutUser = (role: string): boolean => claimsWithoutUser(model, catalog, role) !== null
  return Promise.resolve(claimsContext(context, isWithoutUser))
}
