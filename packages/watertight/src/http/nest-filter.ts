import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common'
import { Catch } from '@nestjs/common'
import type { HttpAdapterHost } from '@nestjs/core'
import { WatertightError } from '../errors/index.js'
import type { HttpTenancy } from './http-tenancy.js'
import { RefusedRequest } from './nest-guard.js'

/** Answers errors of watertight, and whatever refused a request, as problems. */
export class TenancyFilter implements ExceptionFilter<WatertightError | RefusedRequest> {
  readonly #http: HttpTenancy
  readonly #host: HttpAdapterHost

  constructor(http: HttpTenancy, host: HttpAdapterHost) {
    this.#http = http
    this.#host = host
  }

  catch(error: WatertightError | RefusedRequest, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error
    const { httpAdapter } = this.#host
    const response: unknown = host.switchToHttp().getResponse()
    const { status, headers, body } = this.#http.refuse(
      error instanceof RefusedRequest ? error.reason : error,
    )
    for (const [name, value] of Object.entries(headers)) {
      httpAdapter.setHeader(response, name, value)
    }
    // A text: an object would make Nest say that it is plain JSON.
    httpAdapter.reply(response, JSON.stringify(body), status)
  }
}

Catch(WatertightError, RefusedRequest)(TenancyFilter)
