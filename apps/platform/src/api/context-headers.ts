import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TenantContext } from 'watertight/runtime'
import { callerOf } from '../identity/caller-claims.js'
import { ApiProblem } from './api-problem.js'

/** Request header: the tenant that the caller believes its token to be for. */
const expectTenantHeader = 'watertight-expect-tenant'

/**
 * Names the tenant, mode and org unit that a request is answered for, on its reply and on its
 * problem details, so that a client can tell an answer for another context from its own. A caller
 * outside of any tenant has mode `user` and no tenant; routes for the public have none of the headers.
 *
 * @throws {ApiProblem} TENANT_MISMATCH before anything is done, when the request expects another tenant
 */
export function nameContext(request: FastifyRequest, reply: FastifyReply): void {
  // What is answered depends on who asks, whatever a cache in between thinks of `no-store`.
  reply.header('vary', 'Authorization')
  const { context, identity } = request.tenancy
  if (identity === null) return
  const caller = callerOf(identity)
  const tenantId = context.tenantId ?? caller.tenantId
  if (tenantId !== null) reply.header('watertight-tenant', tenantId)
  const isOutside = context.tenantId === null
  reply.header('watertight-mode', isOutside ? modeOutside(tenantId, caller.mode) : context.mode)
  const orgUnitId = isOutside ? caller.orgUnitId : context.orgUnitId
  if (orgUnitId !== null) reply.header('watertight-org-unit', orgUnitId)
  const expected = request.headers[expectTenantHeader]
  if (expected === undefined || String(expected).toLowerCase() === tenantId) return
  throw new ApiProblem('TENANT_MISMATCH', 'the token is for another tenant than the one expected')
}

/** Names the mode of a context that was made after the request had been entered. */
export function nameMode(reply: FastifyReply, { mode }: TenantContext): void {
  reply.header('watertight-mode', mode)
}

/** Of routes that need no tenant: what the token is for, or nothing but a user. */
function modeOutside(tenantId: string | null, mode: string): string {
  return tenantId === null ? 'user' : mode
}
