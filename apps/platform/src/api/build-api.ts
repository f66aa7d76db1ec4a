import fastify from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { tenancy } from 'watertight/fastify'
import { requireCapability } from 'watertight/http'
import type { HttpTenancy } from 'watertight/http'
import { parseTenantContext } from 'watertight/runtime'
import type { TenantContext } from 'watertight/runtime'
import { ApiProblem } from './api-problem.js'
import { parseInput } from './parse-input.js'
import type { Call, Route, RouteInput } from './route.js'
import { TenantStep } from './tenant-step.js'

/** Path of the current version, before every route. */
export const apiPrefix = '/api/v1'

export interface ApiOptions {
  readonly http: HttpTenancy
  readonly routes: readonly Route[]
  /** Largest body in bytes; 256 KiB by default. */
  readonly bodyLimit?: number
}

/**
 * The HTTP server of the platform: every route behind its token, parsed by its schemas, in one
 * transaction under the context of the caller.
 */
export async function buildApi(options: ApiOptions): Promise<FastifyInstance> {
  const { http, routes, bodyLimit = 256 * 1024 } = options
  const app = fastify({ bodyLimit, logger: false, routerOptions: { maxParamLength: 200 } })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(() => {
    throw new ApiProblem('NOT_FOUND', 'no such resource')
  })
  await app.register(tenancy, { http })
  for (const route of routes) addRoute(app, http, route)
  return app
}

function addRoute(app: FastifyInstance, http: HttpTenancy, route: Route): void {
  const url = apiPrefix + route.path.replaceAll(/\{(\w+)\}/g, ':$1')
  const isPublic = route.access.kind === 'public'
  app.route({
    method: route.method,
    url,
    config: isPublic ? { tenancy: 'public' } : {},
    handler: (request, reply) => answer(http, route, request, reply),
  })
}

async function answer(
  http: HttpTenancy,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { context, tx } = request.tenancy
  if (route.access.kind === 'tenant') requireCapability(route.access.capability, context)
  const { params, query, body } = request
  const input = parseInput(route.input, { params, query, body })
  // A public operation writes nothing itself; it may leave a step for a tenant.
  const readOnly = route.method === 'GET' || route.access.kind === 'public'
  const handled = await tx.run(
    // The schemas of the route made the input that its handler takes.
    (transaction) => route.handle({ ...input, context, tx: transaction } as Call<RouteInput>),
    { readOnly },
  )
  const result = handled instanceof TenantStep ? await runStep(http, route, context, handled) : handled
  reply.code(route.reply.status)
  if (route.reply.status === 204) return null
  const shown = route.reply.schema.parse(result)
  if (route.reply.contentType === undefined) return shown
  reply.type(`${route.reply.contentType}; charset=utf-8`)
  return shown
}

/** INVARIANT: who has a tenant leaves steps for that one only, so no caller acts elsewhere. */
async function runStep(
  http: HttpTenancy,
  route: Route,
  context: TenantContext,
  { tenantId, run }: TenantStep<unknown>,
): Promise<unknown> {
  const isElsewhere = route.access.kind === 'tenant' && tenantId !== context.tenantId
  if (isElsewhere || route.access.kind === 'user') {
    throw new Error(`${route.id} may leave no step for that tenant`)
  }
  return http.tx.as(parseTenantContext({ mode: 'worker', tenantId, orgScope: 'all' })).run(run)
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): unknown {
  const problem = problemOfError(error)
  if (problem === null) {
    request.log.error({ name: error.name }, 'unforeseen error')
    const body = { type: 'about:blank', title: 'Internal Server Error', status: 500 }
    return sendProblem(reply, 500, { ...body, code: 'INTERNAL' })
  }
  return sendProblem(reply, problem.status, problem.body)
}

/** Faults of the request that Fastify finds before a route is called. */
function problemOfError(error: FastifyError): ApiProblem | null {
  if (error instanceof ApiProblem) return error
  if (error.statusCode === 413) {
    return new ApiProblem('PAYLOAD_TOO_LARGE', 'the body is larger than allowed')
  }
  const isClients = error.statusCode !== undefined && error.statusCode < 500
  return isClients ? new ApiProblem('INVALID_REQUEST', 'the request cannot be read') : null
}

function sendProblem(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).type('application/problem+json').send(JSON.stringify(body))
}
