import { WatertightError } from 'watertight/errors'
import { requireCapability } from 'watertight/http'
import type { TenantContext } from 'watertight/runtime'
import type { Route } from './route.js'

/**
 * Checks that the context may call the route at all; which rows it reaches is for the database.
 *
 * @throws FORBIDDEN, CONTEXT_REQUIRED.
 */
export function requireAccess(
  route: Pick<Route, 'access' | 'method'>,
  context: TenantContext,
): void {
  const { access, method } = route
  if (access.kind === 'platform' && context.mode !== 'platform') throw forbidden('platform staff')
  if (access.kind === 'user' && access.newcomers !== true && context.mode === 'public') {
    throw forbidden('people without an account')
  }
  if (access.kind !== 'tenant') return
  switch (context.mode) {
    case 'member':
      requireCapability(access.capability, context)
      return
    case 'auditor':
      if (access.auditor !== true || method !== 'GET') throw forbidden('auditors')
      return
    case 'platform':
      // SECURITY: a worker's transaction would not ask whether the grant of the caller allows writing.
      if (access.support !== true || access.asWorker === true) throw forbidden('platform staff')
      return
    case 'public':
    case 'worker':
      throw forbidden(`mode ${context.mode}`)
  }
}

function forbidden(whom: string): WatertightError {
  return new WatertightError('FORBIDDEN', `the operation is not open to this caller (${whom})`)
}
