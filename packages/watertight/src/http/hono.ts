import type { Context, ErrorHandler, MiddlewareHandler } from 'hono'
import { problemResponse, authorizationOfHeaders } from './fetch-api.js'
import type { HttpTenancy } from './http-tenancy.js'
import type { RequestTenancy } from './request-tenancy.js'
import { enter } from './request-tenancy.js'

/** `Variables` of a Hono app behind this middleware. */
export interface TenancyVariables {
  tenancy: RequestTenancy
}

interface TenancyEnv {
  Variables: TenancyVariables
}

/** SECURITY: which requests this module let in, and not whether something set the variable. */
const admitted = new WeakSet<object>()

/**
 * Middleware that sets `c.var.tenancy` and runs what follows under its context. Requests without an
 * identity, a tenant or a membership end here. Requests that `publicTenancy` let in before pass.
 *
 * @example
 * ```ts
 * const app = new Hono<{ Variables: TenancyVariables }>()
 * app.use('/catalog/*', publicTenancy(http))
 * app.use(tenancy(http))
 * app.get('/invoices', async (c) =>
 *   c.json((await c.var.tenancy.tx.query('select * from invoices')).rows),
 * )
 * app.onError(tenancyProblems(http))
 * ```
 */
export function tenancy(http: HttpTenancy): MiddlewareHandler<TenancyEnv> {
  return async function watertightTenancy(c, next) {
    if (admitted.has(c)) {
      await next()
      return undefined
    }
    let found: RequestTenancy
    try {
      found = await http.authenticate(authorizationOfHeaders(c.req.raw.headers))
    } catch (error) {
      return problemResponse(http.refuse(error))
    }
    await admit(c, found, next)
    return undefined
  }
}

/** Marks what follows as public: mode `public`, whoever calls. */
export function publicTenancy(http: HttpTenancy): MiddlewareHandler<TenancyEnv> {
  return async function watertightPublicTenancy(c, next) {
    await admit(c, http.visitor(), next)
  }
}

async function admit(
  c: Context<TenancyEnv>,
  found: RequestTenancy,
  next: () => Promise<void>,
): Promise<void> {
  admitted.add(c)
  c.set('tenancy', found)
  await enter(found, next)
}

/**
 * For `app.onError`: answers the errors of handlers as problems and tells `onRefused`; those that
 * bring a response of their own (`HTTPException`) get it. Hono alone would print them, causes and
 * all.
 */
export function tenancyProblems(http: HttpTenancy): ErrorHandler {
  return function watertightProblems(error) {
    if ('getResponse' in error) return error.getResponse()
    return problemResponse(http.refuse(error))
  }
}
