import { Module, SetMetadata } from '@nestjs/common'
import type {
  CustomDecorator,
  DynamicModule,
  FactoryProvider,
  ModuleMetadata,
  Provider,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, HttpAdapterHost, Reflector } from '@nestjs/core'
import type { HttpTenancy } from './http-tenancy.js'
import { TenancyFilter } from './nest-filter.js'
import { TenancyGuard, publicRouteKey } from './nest-guard.js'
import { TenancyInterceptor } from './nest-interceptor.js'
import { TenantTransactions } from './nest-transactions.js'

export { TenancyTransactionalAdapter } from './nest-transactional.js'
export type { TenancyTransactionOptions } from './nest-transactional.js'
export { TenantTransactions } from './nest-transactions.js'

/** Token of the {@link HttpTenancy} that the module was given. */
export const TENANCY: unique symbol = Symbol('watertight:tenancy')

/** How {@link TenancyModule.forRootAsync} makes what `forRoot` is given. */
export interface TenancyModuleAsyncOptions {
  readonly imports?: ModuleMetadata['imports']
  readonly inject?: FactoryProvider['inject']
  readonly useFactory: (...dependencies: never[]) => HttpTenancy | Promise<HttpTenancy>
}

/**
 * Puts every route of the application behind tenancy: a guard verifies the request and sets
 * `request.tenancy`, an interceptor runs pipes and handler under its context, a filter answers the
 * errors of watertight. All providers are singletons; what differs by request is in
 * AsyncLocalStorage. Guards of your own run after it and read `request.tenancy`.
 *
 * Messages that are not HTTP are refused: wrap their handlers in `withContext` or `withJob`.
 *
 * @example
 * ```ts
 * @Module({ imports: [TenancyModule.forRoot(http)], controllers: [InvoiceController] })
 * export class AppModule {}
 *
 * @Controller('invoices')
 * export class InvoiceController {
 *   constructor(private readonly tx: TenantTransactions) {}
 *   @Get() list() { return this.tx.query('select * from invoices') }
 * }
 * ```
 */
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest knows a module by its class
export class TenancyModule {
  static forRoot(http: HttpTenancy): DynamicModule {
    return moduleWith([], { provide: TENANCY, useValue: http })
  }

  static forRootAsync(options: TenancyModuleAsyncOptions): DynamicModule {
    return moduleWith(options.imports ?? [], {
      provide: TENANCY,
      inject: options.inject ?? [],
      useFactory: options.useFactory as (...dependencies: unknown[]) => unknown,
    })
  }
}

Module({})(TenancyModule)

/**
 * Marks a handler or a controller as public: mode `public`, whoever calls.
 *
 * @example
 * ```ts
 * @PublicRoute()
 * @Get('catalog')
 * catalog() { return this.tx.query('select * from plans') }
 * ```
 */
export function PublicRoute(): CustomDecorator<typeof publicRouteKey> {
  return SetMetadata(publicRouteKey, true)
}

function moduleWith(
  imports: NonNullable<ModuleMetadata['imports']>,
  tenancy: Provider,
): DynamicModule {
  return {
    module: TenancyModule,
    global: true,
    imports,
    providers: [
      tenancy,
      {
        provide: TenantTransactions,
        inject: [TENANCY],
        useFactory: (http: HttpTenancy) => new TenantTransactions(http.tx),
      },
      {
        provide: APP_GUARD,
        inject: [TENANCY, Reflector],
        useFactory: (http: HttpTenancy, reflector: Reflector) => new TenancyGuard(http, reflector),
      },
      { provide: APP_INTERCEPTOR, useFactory: () => new TenancyInterceptor() },
      {
        provide: APP_FILTER,
        inject: [TENANCY, HttpAdapterHost],
        useFactory: (http: HttpTenancy, host: HttpAdapterHost) => new TenancyFilter(http, host),
      },
    ],
    exports: [TENANCY, TenantTransactions],
  }
}
