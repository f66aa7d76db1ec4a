import type { CanActivate, ExecutionContext } from '@nestjs/common'
import type { Reflector } from '@nestjs/core'
import { WatertightError } from '../errors/index.js'
import { authorizationOf } from './bearer-token.js'
import type { HttpTenancy } from './http-tenancy.js'
import type { RequestTenancy } from './request-tenancy.js'

/** Key of the metadata that marks a handler or controller as public. */
export const publicRouteKey = 'watertight:public-route'

type NodeRequest = Parameters<typeof authorizationOf>[0]

/** A request of Express, or of Fastify with that of Node.js inside. */
interface NestRequest extends NodeRequest {
  readonly raw?: NodeRequest
  tenancy?: RequestTenancy
}

/** SECURITY: what the guard let in, and not what something else set on the request. */
const admitted = new WeakMap<object, RequestTenancy>()

/** The tenancy of a request that the guard let in. */
export function admittedTenancy(execution: ExecutionContext): RequestTenancy {
  const found = admitted.get(requestOf(execution))
  if (found === undefined) throw notAdmitted()
  return found
}

/** Takes whatever refused a request past the filters for other errors. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest'
  readonly reason: unknown

  constructor(reason: unknown) {
    super('the request was refused')
    this.reason = reason
  }
}

/** Lets requests in that belong to a tenant, or whose route is marked public. */
export class TenancyGuard implements CanActivate {
  readonly #http: HttpTenancy
  readonly #reflector: Reflector

  constructor(http: HttpTenancy, reflector: Reflector) {
    this.#http = http
    this.#reflector = reflector
  }

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const request = requestOf(execution)
    const isPublic = this.#reflector.getAllAndOverride<boolean | undefined>(publicRouteKey, [
      execution.getHandler(),
      execution.getClass(),
    ])
    const found =
      isPublic === true ? this.#http.visitor() : await this.#authenticate(request.raw ?? request)
    admitted.set(request, found)
    request.tenancy = found
    return true
  }

  async #authenticate(request: NodeRequest): Promise<RequestTenancy> {
    try {
      return await this.#http.authenticate(authorizationOf(request))
    } catch (error) {
      throw new RefusedRequest(error)
    }
  }
}

function requestOf(execution: ExecutionContext): NestRequest {
  if (execution.getType() === 'http') return execution.switchToHttp().getRequest<NestRequest>()
  throw notAdmitted()
}

function notAdmitted(): WatertightError {
  return new WatertightError('UNAUTHENTICATED', 'this is no HTTP request that the guard let in', {
    hint: 'Run handlers of messages inside withContext(context, fn) or withJob(...).',
  })
}
