import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { WatertightError } from 'watertight/errors'
import { tenancy } from 'watertight/fastify'
import { createHttpTenancy } from 'watertight/http'
import type { HttpTenancy, TokenVerifier } from 'watertight/http'
import { currentContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
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

describe('the Fastify plugin', () => {
  const text = { tenant: 'text', user: 'text' } as const
  const verifier: TokenVerifier = {
    maxTokenBytes: 8192,
    verify: async (token) => {
      if (token !== 'good') throw new WatertightError('INVALID_TOKEN', 'no')
      return Promise.resolve({ claims: { sub: 'u1', org_id: 'acme' }, refusedFrom: 9_999_999_999 })
    },
  }
  // Nothing here runs a statement.
  const tx = { as: (context) => ({ context }) } as Pick<TxManager, 'as'>
  const http = createHttpTenancy({ tx, verifier, claims: 'auth0', keyTypes: text })
  const good = { authorization: 'Bearer good' }

  it('closes routes that do not exist, so that nobody can tell which do', async () => {
    const server = Fastify()
    await server.register(tenancy, { http })
    expect((await server.inject('/nowhere')).statusCode).toBe(401)
    expect((await server.inject({ url: '/nowhere', headers: good })).statusCode).toBe(404)
  })

  it('leaves errors of others to the handler that was there', async () => {
    const server = Fastify()
    server.setErrorHandler((error, _request, reply) => reply.code(418).send(String(error)))
    await server.register(tenancy, { http })
    server.get('/', () => Promise.reject(new TypeError('mine')))
    const answer = await server.inject({ url: '/', headers: good })
    expect([answer.statusCode, answer.body]).toEqual([418, 'TypeError: mine'])
  })

  it('keeps the context in hooks, after a body, and in the schema of an answer', async () => {
    const server = Fastify()
    const seen: (string | null)[] = []
    await server.register(tenancy, { http })
    const note = (): void => void seen.push(currentContext().tenantId)
    server.addHook('onRequest', async () => note())
    server.addHook('preValidation', async () => note())
    server.addHook('preHandler', async () => note())
    const schema = { response: { '4xx': { type: 'object', properties: { only: {} } } } }
    server.post('/', { schema }, async () => {
      note()
      throw new WatertightError('ACCESS_DENIED', 'no')
    })
    const payload = { long: 'x'.repeat(200_000) }
    const answer = await server.inject({ method: 'POST', url: '/', headers: good, payload })
    expect(seen).toEqual(['acme', 'acme', 'acme', 'acme'])
    expect(answer.json()).toMatchObject({ status: 403, code: 'ACCESS_DENIED' })
  })

  it('asks on routes of users who calls, and no tenant', async () => {
    const server = Fastify()
    const users = createHttpTenancy({
      tx,
      verifier,
      claims: { tenant: '/nothing' },
      keyTypes: text,
      checkUser: ({ userId }) => ({ mode: 'platform', userId }),
    })
    await server.register(tenancy, { http: users })
    const mode = async (): Promise<string> => Promise.resolve(currentContext().mode)
    server.get('/me', { config: { tenancy: 'user' } }, mode)
    server.get('/', mode)
    expect((await server.inject({ url: '/me', headers: good })).body).toBe('platform')
    expect((await server.inject('/me')).statusCode).toBe(401)
    expect((await server.inject({ url: '/', headers: good })).json()).toMatchObject({
      code: 'NO_TENANT',
    })
  })

  it('refuses two Authorization headers of an injected request as well', async () => {
    const server = Fastify()
    await server.register(tenancy, { http })
    server.get('/', () => 'reached')
    const headers = { authorization: ['Bearer good', 'Bearer good'] as unknown as string }
    expect((await server.inject({ url: '/', headers })).statusCode).toBe(401)
  })
})
