import { WatertightError } from '../errors/index.js'
import { authorizationOf } from './bearer-token.js'
import type { HttpTenancy } from './http-tenancy.js'
import type { Problem } from './problem.js'
import type { RequestTenancy } from './request-tenancy.js'
import { enter } from './request-tenancy.js'

declare global {
  namespace Express {
    interface Request {
      /** Set by `tenancy()` and `publicTenancy()`. */
      tenancy: RequestTenancy
    }
  }
}

/** What the middleware reads and sets of a request. */
export interface ExpressRequest {
  readonly rawHeaders?: readonly string[]
  readonly headers: { readonly authorization?: string | undefined }
  tenancy?: RequestTenancy
}

/** What the middleware needs of a response: that of Node.js. */
export interface ExpressResponse {
  readonly headersSent: boolean
  statusCode: number
  setHeader(name: string, value: string): unknown
  end(body: string): unknown
}

export type ExpressNext = (error?: unknown) => void

/** Connect-style middleware; fits Express 4 and 5. */
export type TenancyMiddleware = (
  request: ExpressRequest,
  response: ExpressResponse,
  next: ExpressNext,
) => void

/** Connect-style error middleware. */
export type TenancyErrorMiddleware = (
  error: unknown,
  request: ExpressRequest,
  response: ExpressResponse,
  next: ExpressNext,
) => void

/**
 * SECURITY: which requests this module let in, and not whether something set `tenancy` on them.
 */
const admitted = new WeakSet<object>()

/**
 * Middleware that sets `req.tenancy` and runs what follows under its context. Requests without an
 * identity, a tenant or a membership end here. Requests that `publicTenancy` let in before pass.
 *
 * @example
 * ```ts
 * app.use('/catalog', publicTenancy(http), catalogRoutes)
 * app.use(tenancy(http))
 * app.get('/invoices', async (req, res) => {
 *   res.json((await req.tenancy.tx.query('select * from invoices')).rows)
 * })
 * app.use(tenancyProblems(http))
 * ```
 */
export function tenancy(http: HttpTenancy): TenancyMiddleware {
  return function watertightTenancy(request, response, next) {
    if (admitted.has(request)) {
      next()
      return
    }
    delete request.tenancy
    http.authenticate(authorizationOf(request)).then(
      (found) => admit(request, found, next),
      (error: unknown) => send(response, http.refuse(error)),
    )
  }
}

/** Marks what follows as public: mode `public`, whoever calls. */
export function publicTenancy(http: HttpTenancy): TenancyMiddleware {
  return function watertightPublicTenancy(request, _response, next) {
    admit(request, http.visitor(), next)
  }
}

/** Answers the errors of watertight that handlers throw; passes on all others. Use it last. */
export function tenancyProblems(http: HttpTenancy): TenancyErrorMiddleware {
  return function watertightProblems(error, _request, response, next) {
    if (error instanceof WatertightError && !response.headersSent) {
      send(response, http.refuse(error))
    } else {
      next(error)
    }
  }
}

function admit(request: ExpressRequest, found: RequestTenancy, next: ExpressNext): void {
  admitted.add(request)
  request.tenancy = found
  enter(found, () => next())
}

function send(response: ExpressResponse, { status, headers, body }: Problem): void {
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(JSON.stringify(body))
}
