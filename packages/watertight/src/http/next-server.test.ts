import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWithTenant } from 'watertight/next'
import type { HttpContractApp } from '../../../../test/http-contract-app.js'
import { openHttpContractApp } from '../../../../test/http-contract-app.js'
import { sendTo } from '../../../../test/http-exchange.js'
import type { TestAnswer } from '../../../../test/http-exchange.js'
import type { ListeningHandlers, NextServer } from '../../test/next-server.js'
import { startNextServer } from '../../test/next-server.js'

let app: HttpContractApp
let next: NextServer
let server: ListeningHandlers

beforeAll(async () => {
  app = await openHttpContractApp()
  await app.reset()
  next = await startNextServer()
  const withTenant = createWithTenant(app.http)
  server = await next.listen({
    ambient: withTenant(async (_request, { tenancy }) =>
      Response.json(await app.handle('ambient', tenancy)),
    ),
    public: withTenant(
      async (_request, { tenancy }) => Response.json(await app.handle('public', tenancy)),
      { public: true },
    ),
    outside: async () => Response.json(await app.handle('outside', undefined)),
  })
}, 180_000)
afterAll(async () => {
  await server.close()
  await next.close()
  await app.close()
})

async function get(name: string, tenant?: string): Promise<TestAnswer> {
  const path = `/${name}`
  if (tenant === undefined) return sendTo(server.port, { path })
  const token = await app.provider.token({ org_id: tenant })
  return sendTo(server.port, { path, headers: [['Authorization', `Bearer ${token}`]] })
}

describe('route handlers behind a real Next server', () => {
  it('run for members, under their tenant, and for nobody else', async () => {
    const refused = await get('ambient')
    expect(refused).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    expect(refused.headers['content-type']).toBe('application/problem+json')
    expect(app.calls).toEqual([])
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const tenant = index % 2 === 0 ? 'acme' : 'globex'
        const seen = { tenant, notes: tenant === 'acme' ? ['a1', 'a2'] : ['g1'] }
        const { body } = await get('ambient', tenant)
        expect(body).toEqual({ seen: [seen, seen, seen], request: tenant })
      }),
    )
    expect((await get('outside')).body).toEqual({ code: 'CONTEXT_REQUIRED' })
    expect((await get('public')).body).toMatchObject({ mode: 'public', notes: [] })
  }, 180_000)
})
