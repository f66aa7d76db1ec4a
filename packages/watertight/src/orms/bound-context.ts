import { WatertightError } from '../errors/index.js'
import { currentContext } from '../runtime/index.js'
import type { TenantContext } from '../runtime/index.js'
import { isSameContext } from '../runtime/tenant-context.js'

/**
 * The ambient context, if a client that has served `bound` may serve it; null without one.
 *
 * @throws CONTEXT_MISMATCH when the client has served other claims; CONTEXT_REQUIRED when there is
 * no context and `required`.
 */
export function boundContext(bound: TenantContext | null, required: true): TenantContext
export function boundContext(bound: TenantContext | null, required?: boolean): TenantContext | null
export function boundContext(bound: TenantContext | null, required = false): TenantContext | null {
  const ambient = ambientContext(required)
  if (ambient === null || bound === null || ambient === bound) return ambient
  if (isSameContext(ambient, bound)) return ambient
  throw new WatertightError(
    'CONTEXT_MISMATCH',
    'a client that was taken under one context was used under another; nothing was sent',
    { hint: 'Take a client inside the scope that uses it, and release it there.' },
  )
}

function ambientContext(required: boolean): TenantContext | null {
  try {
    return currentContext()
  } catch (error) {
    if (required || !isAbsence(error)) throw error
    return null
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof WatertightError && error.code === 'CONTEXT_REQUIRED'
}
