import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { publicTenancy, tenancy, tenancyProblems } from 'watertight/hono'
import type { TenancyVariables } from 'watertight/hono'
import type { HttpTenancy } from 'watertight/http'
import type { HttpContractApp } from '../../../../test/http-contract-app.js'
import { describeHttpAdapter } from '../../../../test/http-contract.js'
import { sendTo } from '../../../../test/http-exchange.js'

function routes(app: HttpContractApp, http: HttpTenancy): Hono<{ Variables: TenancyVariables }> {
  const server = new Hono<{ Variables: TenancyVariables }>()
  server.get('/outside', async (c) => c.json(await app.handle('outside', undefined)))
  server.use('/public', publicTenancy(http))
  server.use(tenancy(http))
  for (const route of ['notes', 'ambient', 'fail', 'public'] as const) {
    server.get(`/${route}`, async (c) => c.json(await app.handle(route, c.var.tenancy)))
  }
  server.post('/add', async (c) =>
    c.json(await app.handle('add', c.var.tenancy, await c.req.json())),
  )
  server.onError(tenancyProblems(http))
  return server
}

describeHttpAdapter('Hono', async (app, http) => {
  const listening = serve({ fetch: routes(app, http).fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => listening.once('listening', resolve))
  const { port } = listening.address() as AddressInfo
  return {
    port,
    send: (request) => sendTo(port, request),
    close: () => new Promise((resolve) => listening.close(() => resolve())),
  }
})
