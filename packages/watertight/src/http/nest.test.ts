import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import { Body, Controller, Get, HttpCode, Inject, Module, Post, Req } from '@nestjs/common'
import type { DynamicModule, Provider } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { HttpTenancy, RequestTenancy } from 'watertight/http'
import { PublicRoute, TenancyModule, TenantTransactions } from 'watertight/nest'
import { ExpressAdapter } from '@nestjs/platform-express'
import express from 'express'
import type { HttpContractApp } from '../../../../test/http-contract-app.js'
import { describeHttpAdapter } from '../../../../test/http-contract.js'
import { sendTo } from '../../../../test/http-exchange.js'

interface NestRequest {
  readonly tenancy?: RequestTenancy
}

const APP = Symbol('app under test')

class ContractController {
  readonly app: HttpContractApp
  readonly tx: TenantTransactions

  constructor(app: HttpContractApp, tx: TenantTransactions) {
    this.app = app
    this.tx = tx
  }

  notes({ tenancy }: NestRequest): Promise<object> {
    return this.app.handle('notes', tenancy)
  }

  ambient({ tenancy }: NestRequest): Promise<object> {
    return this.app.handle('ambient', tenancy)
  }

  fail({ tenancy }: NestRequest): Promise<object> {
    return this.app.handle('fail', tenancy)
  }

  /** By way of the injected provider, which is one for all requests. */
  add(body: object): Promise<object> {
    const { tx } = this
    return this.app.handle(
      'add',
      { context: tx.context, principal: null, identity: null, tx },
      body,
    )
  }

  public({ tenancy }: NestRequest): Promise<object> {
    return this.app.handle('public', tenancy)
  }
}

// What `@Get()`, `@Inject()` and the rest do, applied as the functions they are.
Controller()(ContractController)
Inject(APP)(ContractController, undefined, 0)
Inject(TenantTransactions)(ContractController, undefined, 1)
for (const route of ['notes', 'ambient', 'fail', 'public'] as const) {
  decorate(route, Get(route))
  Req()(ContractController.prototype, route, 0)
}
decorate('add', Post('add'))
decorate('add', HttpCode(200))
Body()(ContractController.prototype, 'add', 0)
decorate('public', PublicRoute())

function decorate(method: keyof ContractController, decorator: MethodDecorator): void {
  const prototype = ContractController.prototype
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method)
  if (descriptor !== undefined) decorator(prototype, method, descriptor)
}

class AppModule {
  readonly name = 'app'
}
Module({})(AppModule)

class ConfigModule {
  readonly name = 'config'
}
Module({})(ConfigModule)

const HTTP = Symbol('configured tenancy')

function config(http: HttpTenancy): Provider {
  return { provide: HTTP, useValue: http }
}

function moduleFor(app: HttpContractApp, tenancy: DynamicModule): DynamicModule {
  return {
    module: AppModule,
    imports: [tenancy],
    controllers: [ContractController],
    providers: [{ provide: APP, useValue: app }],
  }
}

describeHttpAdapter('Nest', async (app, http) => {
  const server = express()
  server.get('/outside', async (_request, response) => {
    response.json(await app.handle('outside', undefined))
  })
  const tenancy = TenancyModule.forRootAsync({
    imports: [{ module: ConfigModule, providers: [config(http)], exports: [HTTP] }],
    inject: [HTTP],
    useFactory: async (found: HttpTenancy) => Promise.resolve(found),
  })
  const nest = await NestFactory.create(moduleFor(app, tenancy), new ExpressAdapter(server), {
    logger: false,
  })
  await nest.listen(0, '127.0.0.1')
  const { port } = (nest.getHttpServer() as Server).address() as AddressInfo
  return { port, send: (request) => sendTo(port, request), close: () => nest.close() }
})
