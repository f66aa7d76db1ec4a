import { WatertightError } from '../errors/index.js'
import { authorizationOfHeaders, problemResponse } from './fetch-api.js'
import type { HttpTenancy } from './http-tenancy.js'
import type { RequestTenancy } from './request-tenancy.js'
import { enter } from './request-tenancy.js'

/** A route handler of the App Router with the tenancy of the request. */
export type TenantHandler<AnyRequest extends Request, RouteContext> = (
  request: AnyRequest,
  route: RouteContext & { readonly tenancy: RequestTenancy },
) => Response | Promise<Response>

/** What `route.ts` exports. */
export type RouteHandler<AnyRequest extends Request, RouteContext> = (
  request: AnyRequest,
  route: RouteContext,
) => Promise<Response>

export interface WithTenantOptions {
  /** Runs the handler in mode `public`, whoever calls. */
  readonly public?: boolean
}

/** Wraps route handlers; see {@link createWithTenant}. */
export type WithTenant = <AnyRequest extends Request, RouteContext extends object>(
  handler: TenantHandler<AnyRequest, RouteContext>,
  options?: WithTenantOptions,
) => RouteHandler<AnyRequest, RouteContext>

/**
 * Makes `withTenant` for route handlers of the App Router (Node.js runtime). What is no error of
 * watertight, such as `redirect()` and `notFound()`, goes on to Next.
 *
 * @example
 * ```ts
 * // lib/tenancy.ts
 * export const withTenant = createWithTenant(http)
 * // app/invoices/route.ts
 * export const GET = withTenant(async (_request, { tenancy }) =>
 *   Response.json((await tenancy.tx.query('select * from invoices')).rows),
 * )
 * ```
 */
export function createWithTenant(http: HttpTenancy): WithTenant {
  return function withTenant(handler, options = {}) {
    return async (request, route) => {
      let tenancy: RequestTenancy
      try {
        tenancy =
          options.public === true
            ? http.visitor()
            : await http.authenticate(authorizationOfHeaders(request.headers))
      } catch (error) {
        return problemResponse(http.refuse(error))
      }
      try {
        return await enter(tenancy, () => handler(request, { ...route, tenancy }))
      } catch (error) {
        if (error instanceof WatertightError) return problemResponse(http.refuse(error))
        throw error
      }
    }
  }
}
