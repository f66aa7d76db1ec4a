import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { tenancy } from 'watertight/fastify'
import type { HttpTenancy } from 'watertight/http'
import type { HttpContractApp } from '../../../../test/http-contract-app.js'
import { describeHttpAdapter } from '../../../../test/http-contract.js'
import type { OpenServer } from '../../../../test/http-contract.js'
import { sendTo } from '../../../../test/http-exchange.js'

async function routes(app: HttpContractApp, http: HttpTenancy): Promise<FastifyInstance> {
  const server = Fastify()
  await server.register(async (outside) => {
    outside.get('/outside', () => app.handle('outside', undefined))
  })
  await server.register(async (inside) => {
    await inside.register(tenancy, { http })
    for (const route of ['notes', 'ambient', 'fail'] as const) {
      inside.get(`/${route}`, (request) => app.handle(route, request.tenancy))
    }
    inside.post('/add', (request) => app.handle('add', request.tenancy, request.body))
    inside.get('/public', { config: { tenancy: 'public' } }, (request) =>
      app.handle('public', request.tenancy),
    )
  })
  return server
}

const openListening: OpenServer = async (app, http) => {
  const server = await routes(app, http)
  await server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.server.address() as AddressInfo
  return { port, send: (request) => sendTo(port, request), close: () => server.close() }
}

describeHttpAdapter('Fastify', openListening)
