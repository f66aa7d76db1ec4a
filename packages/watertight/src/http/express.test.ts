import type { AddressInfo } from 'node:net'
import express from 'express'
import { publicTenancy, tenancy, tenancyProblems } from 'watertight/express'
import { describeHttpAdapter } from '../../../../test/http-contract.js'
import type { OpenServer } from '../../../../test/http-contract.js'
import { sendTo } from '../../../../test/http-exchange.js'

const openExpress: OpenServer = async (app, http) => {
  const server = express()
  server.get('/outside', async (_request, response) => {
    response.json(await app.handle('outside', undefined))
  })
  server.get('/public', publicTenancy(http), async (request, response) => {
    response.json(await app.handle('public', request.tenancy))
  })
  server.use(tenancy(http))
  server.use(express.json())
  for (const route of ['notes', 'ambient', 'fail'] as const) {
    server.get(`/${route}`, async (request, response) => {
      response.json(await app.handle(route, request.tenancy))
    })
  }
  server.post('/add', async (request, response) => {
    response.json(await app.handle('add', request.tenancy, request.body))
  })
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
