import type { Context, MiddlewareHandler } from 'hono'
import { WatertightError } from '../errors/index.js'
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
 * Middleware that sets `c.var.tenancy` and runs what follows under its context. Errors of
 * watertight that handlers throw become problems. Requests that `publicTenancy` let in before pass.
 *
 * @example
 * ```ts
 * const app = new Hono<{ Variables: TenancyVariables }>()
 * app.use('/catalog/*', publicTenancy(http))
 * app.use(tenancy(http))
 * app.get('/invoices', async (c) =>
 *   c.json((await c.var.tenancy.tx.query('select * from invoices')).rows),
 * )
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
    await admit(http, c, found, next)
    return undefined
  }
}

/** Marks what follows as public: mode `public`, whoever calls. */
export function publicTenancy(http: HttpTenancy): MiddlewareHandler<TenancyEnv> {
  return async function watertightPublicTenancy(c, next) {
    await admit(http, c, http.visitor(), next)
  }
}

async function admit(
  http: HttpTenancy,
  c: Context<TenancyEnv>,
  found: RequestTenancy,
  next: () => Promise<void>,
): Promise<void> {
  admitted.add(c)
  c.set('tenancy', found)
  await enter(found, next)
  // Hono has caught what a handler threw by now, and keeps it here beside its own answer.
  if (c.error instanceof WatertightError) c.res = problemResponse(http.refuse(c.error))
}
