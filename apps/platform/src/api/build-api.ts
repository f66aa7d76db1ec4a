import fastify from 'fastify'
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifyServerOptions,
} from 'fastify'
import { tenancy } from 'watertight/fastify'
import type { HttpTenancy, RequestTenancy } from 'watertight/http'
import { answerCall } from './answer-call.js'
import { answerUnreadable } from './answer-unreadable.js'
import { ApiProblem } from './api-problem.js'
import type { ApiServices } from './api-services.js'
import { closeConnectionsAtEnd } from './close-connections.js'
import { nameContext } from './context-headers.js'
import { logOptions } from './log-options.js'
import type { LogSink } from './log-options.js'
import { addOperations } from './operations.js'
import { problemOfError } from './problem-of-error.js'
import type { RateChecks, RateLimits } from './rate-limits.js'
import { defaultRateLimits, openRateChecks } from './rate-limits.js'
import { requestIdOf } from './request-id.js'
import type { Route } from './route.js'
import type { Serving } from './run-route.js'

/** Path of the current version, before every route. */
export const apiPrefix = '/api/v1'

export interface ApiOptions {
  readonly http: HttpTenancy
  readonly routes: readonly Route[]
  /** What handlers use beside the database. */
  readonly services?: ApiServices
  /** Largest body in bytes; 256 KiB by default. */
  readonly bodyLimit?: number
  /** Null for none, as for a load test. */
  readonly rateLimits?: RateLimits | null
  /** Where log lines go; nowhere by default. */
  readonly log?: LogSink
  /** True while the server is about to stop and must get no new requests; false by default. */
  readonly isDraining?: () => boolean
  /** Addresses of proxies whose `X-Forwarded-For` counts; none by default. */
  readonly trustProxy?: Exclude<FastifyServerOptions['trustProxy'], undefined>
}

/** Longest path with query, in characters. */
const maxUrlLength = 4096

/**
 * The HTTP server of the platform: every route behind its token, parsed by its schemas, in one
 * transaction under the context of the caller. Around it, outside of tenancy, the routes of who runs
 * the server.
 */
export async function buildApi(options: ApiOptions): Promise<FastifyInstance> {
  const { http, routes, bodyLimit = 256 * 1024, rateLimits = defaultRateLimits } = options
  const app = fastify({
    bodyLimit,
    logger: logOptions(options.log),
    genReqId: requestIdOf,
    routerOptions: { maxParamLength: 200 },
    trustProxy: options.trustProxy ?? false,
    // Their own answers would be no problem details, and name the path.
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
    // Its own answer would name the path.
    return503OnClosing: true,
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(refuseUnknown)
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.header('cache-control', 'no-store')
    if (request.url.length > maxUrlLength) {
      throw new ApiProblem('URI_TOO_LONG', 'the address is too long')
    }
  })
  closeConnectionsAtEnd(app)
  addOperations(app, http, options.isDraining)
  const checks = rateLimits === null ? null : await openRateChecks(app, rateLimits)
  const serving = { http, services: options.services ?? null }
  await app.register(async (api) => addApi(api, serving, routes, checks), { prefix: apiPrefix })
  return app
}

async function addApi(
  api: FastifyInstance,
  serving: Serving,
  routes: readonly Route[],
  checks: RateChecks | null,
): Promise<void> {
  if (checks !== null) api.addHook('onRequest', checks.address)
  await api.register(tenancy, { http: serving.http })
  api.addHook('onRequest', async (request, reply) => nameContext(request, reply))
  const load = serving.services?.load
  if (load !== undefined) {
    api.addHook('onResponse', async ({ tenancy: entered }, reply) => {
      // Null for who could not be entered.
      const tenantId = (entered as RequestTenancy | null)?.context.tenantId ?? null
      if (tenantId !== null) load.count(tenantId, reply.elapsedTime, reply.statusCode)
    })
  }
  if (checks !== null) api.addHook('onRequest', checks.principal)
  // Behind the token as well, so that nobody can tell which routes there are.
  api.setNotFoundHandler(refuseUnknown)
  for (const route of routes) addRoute(api, serving, route)
}

function addRoute(api: FastifyInstance, serving: Serving, route: Route): void {
  const { kind } = route.access
  api.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: {
      ...(kind === 'public' && { tenancy: 'public' as const }),
      ...((kind === 'user' || kind === 'platform') && { tenancy: 'user' as const }),
    },
    handler: (request, reply) => answerCall(serving, route, request, reply),
  })
}

function refuseUnknown(): never {
  throw new ApiProblem('NOT_FOUND', 'no such resource')
}

/** For paths that cannot be read, for which no hook has run. */
function answerUnroutable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id)
  reply.header('cache-control', 'no-store')
  void answerError(error, request, reply)
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): unknown {
  const problem = problemOfError(error)
  reply.type('application/problem+json')
  if (problem !== null) {
    if (problem.retryAfter !== null) reply.header('retry-after', String(problem.retryAfter))
    return reply.code(problem.status).send(JSON.stringify(problem.body))
  }
  // SECURITY: neither message nor cause; both can hold rows.
  request.log.error({ error: error.name, code: error.code }, 'unforeseen error')
  const body = {
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    code: 'INTERNAL',
  }
  return reply.code(500).send(JSON.stringify(body))
}
