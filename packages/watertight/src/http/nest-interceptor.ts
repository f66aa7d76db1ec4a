import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common'
import { admittedTenancy } from './nest-guard.js'
import { enter } from './request-tenancy.js'

/** Runs later interceptors, pipes and the handler under the context of the request. */
export class TenancyInterceptor implements NestInterceptor {
  intercept(
    execution: ExecutionContext,
    next: CallHandler,
  ): ReturnType<NestInterceptor['intercept']> {
    // Nest binds what follows to the asynchronous context that `handle` is called in.
    return enter(admittedTenancy(execution), () => next.handle())
  }
}
