import { WatertightError } from '../errors/index.js'
import { ambientContext } from '../runtime/ambient-context.js'
import { currentContext } from '../runtime/index.js'
import type { TenantContext } from '../runtime/index.js'
import { isSameContext } from '../runtime/tenant-context.js'

/**
 * The ambient context, if a client that has served `bound` may serve it; null without one. That of a
 * handle, `own`, takes its place, where the ambient one is the same or there is none.
 *
 * @throws CONTEXT_MISMATCH when client, handle and ambient context do not have the same claims;
 * CONTEXT_REQUIRED when there is no context and `required`.
 */
export function boundContext(
  bound: TenantContext | null,
  required: true,
  own?: TenantContext | null,
): TenantContext
export function boundContext(
  bound: TenantContext | null,
  required?: boolean,
  own?: TenantContext | null,
): TenantContext | null
export function boundContext(
  bound: TenantContext | null,
  required = false,
  own: TenantContext | null = null,
): TenantContext | null {
  if (own !== null) return agreed(agreed(own, ambientContext()), bound)
  const ambient = required ? currentContext() : ambientContext()
  return ambient === null ? null : agreed(ambient, bound)
}

function agreed(context: TenantContext, other: TenantContext | null): TenantContext {
  if (other === null || context === other || isSameContext(context, other)) return context
  throw new WatertightError(
    'CONTEXT_MISMATCH',
    'a client or handle of one context was used under another; nothing was sent',
    { hint: 'Take a client inside the scope that uses it, and release it there.' },
  )
}
