import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common'
import { Catch } from '@nestjs/common'
import type { HttpAdapterHost } from '@nestjs/core'
import { WatertightError } from '../errors/index.js'
import type { HttpTenancy } from './http-tenancy.js'

/** Answers errors of watertight as problems; all others are those of Nest. */
export class TenancyFilter implements ExceptionFilter<WatertightError> {
  readonly #http: HttpTenancy
  readonly #host: HttpAdapterHost

  constructor(http: HttpTenancy, host: HttpAdapterHost) {
    this.#http = http
    this.#host = host
  }

  catch(error: WatertightError, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error
    const { httpAdapter } = this.#host
    const response: unknown = host.switchToHttp().getResponse()
    const { status, headers, body } = this.#http.refuse(error)
    for (const [name, value] of Object.entries(headers)) {
      httpAdapter.setHeader(response, name, value)
    }
    httpAdapter.reply(response, body, status)
  }
}

Catch(WatertightError)(TenancyFilter)
