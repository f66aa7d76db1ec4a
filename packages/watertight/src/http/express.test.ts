import type { AddressInfo } from 'node:net'
import express from 'express'
import type { RequestHandler } from 'express'
import { publicTenancy, tenancy, tenancyProblems } from 'watertight/express'
import type { ContractRoute } from '../../../../test/http-contract-app.js'
import { describeHttpAdapter } from '../../../../test/http-contract.js'
import type { OpenServer } from '../../../../test/http-contract.js'
import { sendTo } from '../../../../test/http-exchange.js'

const openExpress: OpenServer = async (app, http) => {
  const server = express()
  const serve =
    (route: ContractRoute): RequestHandler =>
    (request, response) =>
      app.handle(route, request.tenancy, request.body).then((body) => response.json(body))
  server.get('/outside', serve('outside'))
  server.get('/public', publicTenancy(http), serve('public'))
  server.use(tenancy(http))
  server.use(express.json())
  for (const route of ['notes', 'ambient', 'fail'] as const) server.get(`/${route}`, serve(route))
  server.post('/add', serve('add'))
  server.use(tenancyProblems(http))
  const listening = server.listen(0, '127.0.0.1')
  await new Promise((resolve) => listening.once('listening', resolve))
  const { port } = listening.address() as AddressInfo
  return {
    port,
    send: (request) => sendTo(port, request),
    close: () => new Promise((resolve) => listening.close(() => resolve())),
  }
}

describeHttpAdapter('Express', openExpress)
