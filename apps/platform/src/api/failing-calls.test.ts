import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messageRoutes } from '../../test/message-routes.js'
import type { PlatformApi, Received, SentRequest } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { auditRoutes } from '../audit/audit-routes.js'
import { demoId } from '../demo-data/index.js'
import { assetRoutes } from '../security/asset-routes.js'

let api: PlatformApi

beforeAll(async () => {
  api = await openPlatformApi({ routes: [...messageRoutes, ...auditRoutes, ...assetRoutes] })
})
afterAll(() => api.close())

function leave(request: SentRequest = {}, path = '/messages'): Promise<Received> {
  return api.call('securityAdmin', 'POST', path, { body: { topic: 'alert.opened' }, ...request })
}

describe('an error of the database', () => {
  const raise = (state: string): string =>
    `do $$ begin raise exception using errcode = '${state}', message = 'secret detail'; end $$`

  it.each<[string, number, string]>([
    ['23505', 409, 'CONFLICT'],
    ['23503', 409, 'CONFLICT'],
    ['23001', 409, 'CONFLICT'],
    ['23P01', 409, 'CONFLICT'],
    ['23514', 400, 'INVALID_REQUEST'],
    ['22P02', 400, 'INVALID_REQUEST'],
    ['22001', 400, 'INVALID_REQUEST'],
    ['22003', 400, 'INVALID_REQUEST'],
    ['42501', 403, 'ACCESS_DENIED'],
    ['40001', 503, 'UNAVAILABLE'],
    ['40P01', 503, 'UNAVAILABLE'],
    ['55P03', 503, 'UNAVAILABLE'],
    ['57014', 503, 'UNAVAILABLE'],
    ['53300', 503, 'UNAVAILABLE'],
    ['XX000', 500, 'INTERNAL'],
  ])('%s is answered with %i %s and no word of what happened', async (state, status, code) => {
    const reply = await leave({ body: { text: raise(state) } }, '/failures')
    expect(reply.status).toBe(status)
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(reply.body['code'] ?? 'INTERNAL').toBe(code)
    expect(reply.text).not.toMatch(/secret|raise|errcode|23505/)
    expect(reply.headers['retry-after'] !== undefined).toBe(status === 503)
  })

  it('of a broken connection is a 503 that says to come back', async () => {
    const text = 'select pg_terminate_backend(pg_backend_pid())'
    const reply = await leave({ body: { text } }, '/failures')
    expect(reply).toMatchObject({ status: 503 })
    expect(reply.headers['retry-after']).toMatch(/^\d+$/)
    expect((await leave()).status).toBe(201)
  })
})

describe('a request that is none', () => {
  const json = { 'content-type': 'application/json' }

  it.each<[string, SentRequest, number, string]>([
    ['JSON that is cut off', { headers: json, body: '{"topic":' }, 400, 'INVALID_REQUEST'],
    ['a prototype', { headers: json, body: '{"__proto__":{"a":1}}' }, 400, 'INVALID_REQUEST'],
    [
      'a body of text',
      { headers: { 'content-type': 'text/plain' }, body: 'x' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a form',
      { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: 'x' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['a body of a megabyte', { body: { topic: 'x'.repeat(1_000_000) } }, 413, 'PAYLOAD_TOO_LARGE'],
    ['a text with NUL', { body: { topic: 'a\u0000b' } }, 400, 'INVALID_REQUEST'],
    ['an unknown field', { body: { topic: 'a.b', more: 1 } }, 400, 'INVALID_REQUEST'],
  ])('%s is refused as a problem', async (_what, request, status, code) => {
    const reply = await leave(request)
    expect(reply).toMatchObject({ status, body: { code } })
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/)
  })

  it('an address without end is refused', async () => {
    const reply = await api.call('securityAdmin', 'GET', `/audit?after=${'x'.repeat(5000)}`)
    expect(reply).toMatchObject({ status: 414, body: { code: 'URI_TOO_LONG' } })
  })

  it('parameters that come twice are refused', async () => {
    const reply = await api.call('securityAdmin', 'GET', '/audit?limit=1&limit=2')
    expect(reply).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
  })
})

describe('who runs the server', () => {
  it('learns that the process answers, and that every pool reaches the database', async () => {
    expect(await api.call(null, 'GET', '/healthz')).toMatchObject({ status: 200 })
    expect(await api.call(null, 'GET', '/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    })
  })

  it('measures by operation, and never by tenant, user or object', async () => {
    await api.call('securityAdmin', 'GET', `/assets/${demoId('sec.assets', 1, 1)}`)
    const { text } = await api.call(null, 'GET', '/metrics')
    expect(text).toContain('route="/api/v1/assets/:assetId"')
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-4/)
  })
})
