import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlatformApi } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { demo, demoId } from '../demo-data/index.js'
import { assetRoutes } from '../security/asset-routes.js'

const lines: string[] = []
let api: PlatformApi

beforeAll(async () => {
  api = await openPlatformApi({
    routes: assetRoutes,
    rateLimits: { perPrincipal: 5, perAddress: 20 },
    log: { stream: { write: (line) => lines.push(line) } },
  })
})
afterAll(() => api.close())

describe('a log line', () => {
  it('says what was answered under which request id, and nothing of anybody', async () => {
    const path = `/assets?status=approved&colour=${demo.tenants.school}`
    const headers = { 'idempotency-key': 'very-secret-key' }
    const { headers: answered } = await api.call('securityAdmin', 'GET', path, { headers })
    await api.call('securityAdmin', 'GET', `/assets/${demoId('sec.assets', 1, 1)}`)
    const log = lines.join('')
    expect(log).toContain(String(answered['x-request-id']))
    expect(log).toContain('"route":"/api/v1/assets/:assetId"')
    expect(log).toContain('"statusCode":400')
    expect(log).not.toMatch(/Bearer|eyJ|very-secret|colour|127\.0\.0\.1/)
    for (const id of [demo.tenants.security, demo.tenants.school, demo.users.securityAdmin]) {
      expect(log).not.toContain(id)
    }
    expect(log).not.toContain(demoId('sec.assets', 1, 1))
  })
})

describe('a rate limit', () => {
  it('is of one user, whatever others do, and says when to come back', async () => {
    const statuses: number[] = []
    for (let sent = 0; sent < 5; sent += 1) {
      statuses.push((await api.call('securityAdmin', 'GET', '/assets?limit=1')).status)
    }
    expect(statuses.at(-1)).toBe(429)
    const refused = await api.call('securityAdmin', 'GET', '/assets?limit=1')
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'TOO_MANY_REQUESTS', title: 'Too Many Requests' },
    })
    expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await api.call('schoolAdmin', 'GET', '/assets?limit=1')).status).toBe(200)
  })

  it('is of an address before anybody knows who calls, and not of who runs the server', async () => {
    const statuses: number[] = []
    for (let sent = 0; sent < 20; sent += 1) {
      statuses.push((await api.call(null, 'GET', '/assets')).status)
    }
    expect(statuses[0]).toBe(401)
    expect(statuses.at(-1)).toBe(429)
    expect((await api.call(null, 'GET', '/healthz')).status).toBe(200)
  })
})
