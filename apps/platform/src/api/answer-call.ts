import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { WatertightError } from 'watertight/errors'
import type { HttpTenancy } from 'watertight/http'
import type { TenantContext } from 'watertight/runtime'
import { appendAuditEntry } from '../audit/append-audit-entry.js'
import { auditOfCall } from './audit-of-call.js'
import { nameMode } from './context-headers.js'
import { problemOfStatement } from './problem-of-error.js'
import { requireAccess } from './require-access.js'
import type { Route } from './route.js'
import type { Serving } from './run-route.js'
import { runRoute } from './run-route.js'
import { staffContext, workerOf } from './tenant-contexts.js'

/** Answers a request to a route: who may call it, what it did, what it is told to the client. */
export async function answerCall(
  serving: Serving,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { http } = serving
  let { context } = request.tenancy
  try {
    if (route.access.kind === 'platform') {
      context = await staffContext(http, context)
      nameMode(reply, context)
    }
    requireAccess(route, context)
    const { body, headers, isReplayed } = await runRoute(serving, route, request, context)
    reply.code(route.reply.status).headers(headers)
    if (isReplayed) reply.header('idempotency-replayed', 'true')
    const { contentType } = route.reply
    if (Buffer.isBuffer(body) || body instanceof Readable)
      reply.type(contentType ?? 'application/octet-stream')
    else if (contentType !== undefined) reply.type(`${contentType}; charset=utf-8`)
    return body
  } catch (error) {
    if (isDenial(error)) await recordDenial(http, route, request, context, error)
    throw problemOfStatement(error) ?? error
  }
}

function isDenial(error: unknown): error is WatertightError {
  if (!(error instanceof WatertightError)) return false
  return error.code === 'FORBIDDEN' || error.code === 'ACCESS_DENIED'
}

/** In a transaction of its own, since that of the call has failed, and by a worker: all may be denied. */
async function recordDenial(
  http: HttpTenancy,
  route: Route,
  request: FastifyRequest,
  context: TenantContext,
  { code }: WatertightError,
): Promise<void> {
  const { tenantId, userId } = context
  if (tenantId === null) return
  const entry = auditOfCall(route, request, context, tenantId, { outcome: 'denied', code })
  try {
    await workerOf(http, tenantId, userId).run((tx) => appendAuditEntry(tx, entry))
  } catch (error) {
    // The refusal stands, whether it could be recorded or not.
    const state = error instanceof WatertightError ? error.code : 'unknown'
    request.log.error({ code: state, operation: route.id }, 'a denial could not be recorded')
  }
}
