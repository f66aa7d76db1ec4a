import { Agent } from 'node:http'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WatertightError } from 'watertight/errors'
import type { HttpTenancy } from 'watertight/http'
import { badIdentities } from '../packages/watertight/test/bad-identities.js'
import type { HttpContractApp } from './http-contract-app.js'
import { openHttpContractApp } from './http-contract-app.js'
import type { TestAnswer, TestRequest } from './http-exchange.js'
import { sendRaw } from './http-exchange.js'

/** An application of one framework that serves every `ContractRoute` at `/<route>`. */
export interface HttpServerUnderTest {
  send(request: TestRequest): Promise<TestAnswer>
  /** Of the real server; null where requests reach the framework without one. */
  readonly port: number | null
  close(): Promise<void>
}

/** Starts the routes of the contract behind `http`, on the framework under test. */
export type OpenServer = (app: HttpContractApp, http: HttpTenancy) => Promise<HttpServerUnderTest>

/** What a request led to. */
interface Outcome {
  readonly calls: readonly string[]
  readonly trips: number
  readonly answer: TestAnswer
}

/** The answer to an error: a problem, and nothing else of it. */
function problem(status: number, code?: string): TestAnswer {
  return {
    status,
    headers: expect.objectContaining({
      'content-type': expect.stringMatching(/^application\/problem\+json/),
      'cache-control': 'no-store',
    }),
    body: {
      type: 'about:blank',
      title: expect.any(String),
      status,
      ...(code !== undefined && { code }),
    },
  }
}

function refusal(status: number, code?: string): Outcome {
  return { calls: [], trips: 0, answer: problem(status, code) }
}

/** What every HTTP adapter must do. */
export function describeHttpAdapter(name: string, open: OpenServer): void {
  describe(`tenancy behind HTTP, on ${name}`, () => {
    let app: HttpContractApp
    let server: HttpServerUnderTest

    beforeAll(async () => {
      app = await openHttpContractApp()
      server = await open(app, app.http)
    })
    beforeEach(() => app.reset())
    afterAll(async () => {
      await server.close()
      await app.close()
    })

    async function as(tenant: string, claims: object = {}): Promise<[string, string]> {
      return ['Authorization', `Bearer ${await app.provider.token({ org_id: tenant, ...claims })}`]
    }

    /** INVARIANT: what is refused runs no handler and sends nothing to the database. */
    async function outcomeOf(request: TestRequest, by = server): Promise<Outcome> {
      app.calls.length = 0
      const before = app.harness.proxy.roundTrips
      const answer = await by.send(request)
      return { calls: [...app.calls], trips: app.harness.proxy.roundTrips - before, answer }
    }

    it('gives the caller the rows of its tenant', async () => {
      const headers = [await as('acme')]
      expect(await server.send({ path: '/notes', headers })).toMatchObject({
        status: 200,
        body: { notes: ['a1', 'a2'] },
      })
      const added = await server.send({
        method: 'POST',
        path: '/add',
        headers: [await as('globex')],
        json: { body: 'g2' },
      })
      expect(added).toMatchObject({
        status: 200,
        body: { added: [{ tenant_id: 'globex' }], ambient: 'globex' },
      })
      expect((await server.send({ path: '/notes', headers })).body).toEqual({ notes: ['a1', 'a2'] })
    })

    it('keeps tenants apart that call at the same time', async () => {
      const calls = Array.from({ length: 40 }, async (_, index) => {
        const tenant = index % 2 === 0 ? 'acme' : 'globex'
        const answer = await server.send({ path: '/ambient', headers: [await as(tenant)] })
        const seen = { tenant, notes: tenant === 'acme' ? ['a1', 'a2'] : ['g1'] }
        expect(answer.body).toEqual({ seen: [seen, seen, seen], request: tenant })
      })
      await Promise.all(calls)
    })

    it('leaves no context behind, also not on the same connection', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      try {
        for (let round = 0; round < 3; round += 1) {
          await server.send({ path: '/ambient', headers: [await as('acme')], agent })
          const outside = await server.send({ path: '/outside', agent })
          expect(outside.body).toEqual({ code: 'CONTEXT_REQUIRED' })
          const anonymous = await outcomeOf({ path: '/notes', agent })
          expect(anonymous).toEqual(refusal(401, 'UNAUTHENTICATED'))
        }
      } finally {
        agent.destroy()
      }
    })

    it('runs a route that is marked public in mode public, whoever calls', async () => {
      const expected = { mode: 'public', tenantId: null, principal: null, notes: [] }
      expect((await server.send({ path: '/public' })).body).toEqual(expected)
      const member = [await as('acme')]
      expect((await server.send({ path: '/public', headers: member })).body).toEqual(expected)
    })

    describe('refuses, before any handler and any statement,', () => {
      it.each(badIdentities)('$name', async ({ authorization, status, code }) => {
        const headers = (await authorization(app.provider)).map((value) => ['Authorization', value])
        const request = { path: '/notes', headers: headers as [string, string][] }
        const outcome = await outcomeOf(request)
        expect(outcome).toEqual(refusal(status, code))
        const challenge = outcome.answer.headers['www-authenticate'] ?? ''
        expect(challenge.startsWith('Bearer realm="api"')).toBe(status === 401)
        expect(challenge.includes('invalid_token')).toBe(code === 'INVALID_TOKEN')
        const told = inspect(app.refusals, { depth: 9, showHidden: true })
        const secrets = headers.map(([, value = '']) => value.slice(8)).filter((s) => s.length > 20)
        for (const secret of secrets) expect(told).not.toContain(secret)
      })

      it('with a body that is sent along', async () => {
        const request = { method: 'POST', path: '/add', json: { body: 'x' } } as const
        expect(await outcomeOf(request)).toEqual(refusal(401, 'UNAUTHENTICATED'))
      })

      it.each([
        ['false', false],
        ['null', null],
        ['undefined', undefined],
        ['a text', 'true'],
      ])('who is no member: the check answers %s', async (_name, answer) => {
        app.membership = () => answer as boolean
        const request = { path: '/notes', headers: [await as('acme')] }
        expect(await outcomeOf(request)).toEqual(refusal(404, 'NOT_FOUND'))
      })

      it('unknown, foreign and archived tenants alike', async () => {
        const state: Record<string, string> = { acme: 'archived', globex: 'foreign' }
        app.membership = ({ tenantId }) => state[tenantId] === 'member'
        const answers = []
        for (const tenant of ['acme', 'globex', 'nobody']) {
          const request = { path: '/notes', headers: [await as(tenant)] }
          const outcome = await outcomeOf(request)
          expect(outcome).toEqual(refusal(404, 'NOT_FOUND'))
          const { date: _date, ...headers } = outcome.answer.headers
          answers.push(JSON.stringify({ ...outcome.answer, headers }))
        }
        expect(new Set(answers).size).toBe(1)
      })

      it('when the membership check fails, without saying why', async () => {
        app.membership = () => Promise.reject(new Error('secret detail'))
        const request = { path: '/notes', headers: [await as('acme')] }
        expect(await outcomeOf(request)).toEqual(refusal(500))
        expect(app.refusals).toMatchObject([{ message: 'secret detail' }])
      })

      it('while the keys of the issuer cannot be had: 503 rather than 401', async () => {
        const down = await open(app, app.httpWithoutKeys)
        try {
          const request = { path: '/notes', headers: [await as('acme')] }
          const outcome = await outcomeOf(request, down)
          expect(outcome).toEqual(refusal(503, 'KEYS_UNAVAILABLE'))
          expect(outcome.answer.headers['retry-after']).toMatch(/^\d+$/)
          expect(outcome.answer.headers['www-authenticate']).toBeUndefined()
        } finally {
          await down.close()
        }
      })

      it('what was valid until the clock jumped', async () => {
        const request = { path: '/notes', headers: [await as('acme')] }
        expect((await server.send(request)).status).toBe(200)
        app.clockOffset = 3_600_000
        expect(await outcomeOf(request)).toEqual(refusal(401, 'INVALID_TOKEN'))
        app.clockOffset = 0
        expect((await server.send(request)).status).toBe(200)
      })

      it('bytes that smuggle a header or a line', async () => {
        const { port } = server
        if (port === null) return
        const [, bearer] = await as('acme')
        for (const lines of [
          `Authorization: ${bearer}\r\nAuthorization: Bearer a.b.c`,
          `Authorization: Bearer a\r\n\tb.c.d`,
          `Authorization: Bearer a.b.c\rX-Tenant: acme`,
          `Authorization : ${bearer}`,
          `Authorization: Bearer a.b.c\0`,
          `Authorization: Bearer ${'x'.repeat(100_000)}`,
        ]) {
          const end = 'Connection: close\r\n\r\n'
          const status = await sendRaw(port, `GET /notes HTTP/1.1\r\nHost: x\r\n${lines}\r\n${end}`)
          expect(status === null || (status >= 400 && status < 500)).toBe(true)
        }
        expect(app.calls).toEqual([])
      })
    })

    describe('answers errors of handlers', () => {
      const secret = { object: 'secret_table', hint: 'secret', cause: new Error('secret') }

      it.each([
        ['ACCESS_DENIED', 403, '42501'],
        ['FORBIDDEN', 403, undefined],
        ['NOT_FOUND', 404, undefined],
        ['CONTEXT_EXPIRED', 401, undefined],
        ['CONNECTION_FAILED', 503, undefined],
        ['ACQUIRE_TIMEOUT', 503, undefined],
        ['STATEMENT_FAILED', 503, '53300'],
        ['OUTCOME_UNKNOWN', 503, undefined],
      ] as const)('%s with %i and no word of what happened', async (code, status, sqlState) => {
        const state = sqlState === undefined ? {} : { sqlState }
        app.failure = new WatertightError(code, 'secret message', { ...secret, ...state })
        const answer = await server.send({ path: '/fail', headers: [await as('acme')] })
        expect(answer).toEqual(problem(status, code))
        expect(JSON.stringify(answer)).not.toContain('secret')
        // Nobody is told to repeat what may have been done.
        const isToRepeat = status === 503 && code !== 'OUTCOME_UNKNOWN'
        expect(answer.headers['retry-after'] !== undefined).toBe(isToRepeat)
        expect(app.refusals).toEqual([app.failure])
      })

      it.each([
        ['STATEMENT_FAILED', '23505'],
        ['UNSAFE_ROLE', undefined],
      ] as const)('%s with 500 and not even its code', async (code, sqlState) => {
        const state = sqlState === undefined ? {} : { sqlState }
        app.failure = new WatertightError(code, 'secret message', { ...secret, ...state })
        const answer = await server.send({ path: '/fail', headers: [await as('acme')] })
        expect(answer).toEqual(problem(500))
        expect(JSON.stringify(answer)).not.toMatch(/secret|STATEMENT|OUTCOME|UNSAFE/)
      })

      it('of a context that expired while the request ran with 401', async () => {
        app.meanwhile = () => {
          app.clockOffset = 120_000
        }
        const answer = await server.send({ path: '/ambient', headers: [await as('acme')] })
        expect(answer).toEqual(problem(401, 'CONTEXT_EXPIRED'))
      })
    })
  })
}
