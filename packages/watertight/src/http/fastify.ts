import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
} from 'fastify'
import { WatertightError } from '../errors/index.js'
import { authorizationOf } from './bearer-token.js'
import type { HttpTenancy } from './http-tenancy.js'
import type { RequestTenancy } from './request-tenancy.js'
import { enter } from './request-tenancy.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the plugin before anything else of the request runs. */
    tenancy: RequestTenancy
  }
  interface FastifyContextConfig {
    /**
     * `public`: the route runs in mode `public`, whoever calls. `user`: it needs a token, but no
     * tenant; `checkUser` makes its context.
     */
    tenancy?: 'public' | 'user'
  }
}

export interface FastifyTenancyOptions {
  readonly http: HttpTenancy
}

/**
 * Plugin that sets `request.tenancy` and runs hooks and handlers under its context. It covers every
 * route of the instance it is registered on, also routes that do not exist. Errors of watertight
 * that handlers throw become problems; all others go to the error handler that was there.
 *
 * @example
 * ```ts
 * await app.register(tenancy, { http })
 * app.get('/invoices', async ({ tenancy }) => (await tenancy.tx.query('select * from invoices')).rows)
 * app.get('/catalog', { config: { tenancy: 'public' } }, listCatalog)
 * ```
 */
export const tenancy: FastifyPluginCallback<FastifyTenancyOptions> = Object.assign(
  function watertightTenancy(
    app: FastifyInstance,
    { http }: FastifyTenancyOptions,
    registered: () => void,
  ): void {
    // What the hook below sets; Fastify wants the shape of a request to be known beforehand.
    app.decorateRequest('tenancy', null as unknown as RequestTenancy)

    app.addHook('onRequest', (request, reply, done) => {
      tenancyOf(http, request).then(
        (entered) => {
          request.tenancy = entered
          enter(entered, done)
        },
        (error: unknown) => refuse(http, error, request, reply),
      )
    })
    // The events of a body are emitted outside of what `onRequest` entered, so it is entered again
    // after the body has been read, and once more after the hooks of others.
    app.addHook('preValidation', reenter)
    app.addHook('preHandler', reenter)

    // Per route, so that the handler of the scope stays whose it is. What an error handler throws goes
    // to the next one: that of the route, or of the scope.
    app.addHook('onRoute', (route) => {
      const { errorHandler: own } = route
      route.errorHandler = function watertightProblems(error, request, reply): unknown {
        if (error instanceof WatertightError) return refuse(http, error, request, reply)
        if (own === undefined) throw error
        return own.call(this, error, request, reply)
      }
    })
    registered()
  },
  {
    // What `fastify-plugin` would add: hooks and decorators are those of the parent.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'watertight',
    [Symbol.for('plugin-meta')]: { name: 'watertight', fastify: '>=5' },
  },
)

async function tenancyOf(http: HttpTenancy, request: FastifyRequest): Promise<RequestTenancy> {
  const { tenancy: kind } = request.routeOptions.config
  if (kind === 'public') return http.visitor()
  const authorization = authorizationOf(request.raw)
  return kind === 'user' ? http.identify(authorization) : http.authenticate(authorization)
}

function reenter(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  enter(request.tenancy, done)
}

function refuse(
  http: HttpTenancy,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, headers, body } = http.refuse(error)
  if (status >= 500) {
    // SECURITY: not the error itself; what caused it can hold rows.
    const known = error instanceof WatertightError
    request.log.error(known ? { code: error.code, sqlState: error.sqlState } : {}, body.title)
  }
  // A text, so that no schema of the route takes it apart.
  return reply.code(status).headers(headers).send(JSON.stringify(body))
}
