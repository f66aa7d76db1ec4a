import { WatertightError } from '../errors/index.js'
import { currentContext } from '../runtime/index.js'
import type { TenantContext } from '../runtime/index.js'

/**
 * Checks that the context, by default the ambient one, has a capability. Row Level Security is the
 * floor; what a member may do within the tenant is checked like this.
 *
 * @throws FORBIDDEN without it, CONTEXT_REQUIRED without a context.
 *
 * @example
 * ```ts
 * requireCapability('invoices:write') // 403 unless the caller has it
 * ```
 */
export function requireCapability(
  capability: string,
  context: TenantContext = currentContext(),
): void {
  if ((context.capabilities as readonly string[]).includes(capability)) return
  throw new WatertightError('FORBIDDEN', `the caller lacks the capability ${capability}`, {
    object: capability,
  })
}
