import { generateKeyPair, SignJWT } from 'jose'
import type { FastifyInstance } from 'fastify'
import { createHttpTenancy, createTokenVerifier } from 'watertight/http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { roleUrls } from '../../test/role-urls.js'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { createPlatformDatabase } from '../../test/platform-database.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo, demoActors, demoId } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { membershipCheck } from '../identity/membership-check.js'
import { buildApi } from './build-api.js'
import { openApiOf } from './openapi.js'
import { routes } from './routes.js'

const issuer = 'https://login.example'
const audience = 'platform'
const keys = await generateKeyPair('ES256')

let database: PlatformDatabase
let opened: OpenTxManager
let app: FastifyInstance

beforeAll(async () => {
  database = await createPlatformDatabase()
  opened = await openTxManager(roleUrls(database), database.signingKey, 2)
  const http = createHttpTenancy({
    tx: opened.tx,
    verifier: createTokenVerifier({
      issuer,
      audience,
      jwks: keys.publicKey,
      algorithms: ['ES256'],
    }),
    claims: { tenant: '/tenant_id', user: '/sub', orgUnit: '/org_unit_id' },
    checkMembership: membershipCheck(opened.tx),
  })
  app = await buildApi({ http, routes })
})
afterAll(async () => {
  await app.close()
  await opened.close()
  await database.drop()
})

async function tokenOf(actor: DemoActorKey, change: Record<string, unknown> = {}): Promise<string> {
  const { tenantId, userId, orgUnitId } = demoActors[actor].claims
  const claims = { tenant_id: tenantId, org_unit_id: orgUnitId ?? undefined, ...change }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(String(userId))
    .setExpirationTime('5m')
    .sign(keys.privateKey)
}

async function call(
  method: 'GET' | 'POST',
  path: string,
  token: string | null,
): Promise<{ status: number; type: string; body: Record<string, unknown> }> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  const reply = await app.inject({ method, url: `/api/v1${path}`, headers })
  const type = String(reply.headers['content-type']).split(';')[0] ?? ''
  return { status: reply.statusCode, type, body: reply.json() }
}

describe('the API', () => {
  it('pages through what the caller may see and nothing else', async () => {
    const token = await tokenOf('securityAdmin')
    const seen: string[] = []
    let next: unknown = null
    do {
      const after = typeof next === 'string' ? `&after=${next}` : ''
      const { status, body } = await call('GET', `/assets?limit=3${after}`, token)
      expect(status).toBe(200)
      seen.push(...(body['items'] as { id: string }[]).map(({ id }) => id))
      next = body['next']
    } while (next !== null)
    const own = [1, 2, 3, 4].map((row) => demoId('sec.assets', 1, row))
    expect(seen.toSorted()).toEqual(own.toSorted())
  })

  it('keeps a member of one org unit from the others', async () => {
    const { body } = await call('GET', '/assets', await tokenOf('securityAnalyst'))
    expect((body['items'] as { orgUnitId: string }[]).map(({ orgUnitId }) => orgUnitId)).toEqual([
      demo.orgUnits.security.southSite,
    ])
  })

  it.each<[string, () => Promise<string | null>, number, string]>([
    ['no token', async () => null, 401, 'UNAUTHENTICATED'],
    ['a token of a former member', () => former(), 404, 'NOT_FOUND'],
    ['a token for a tenant of others', () => foreignTenant(), 404, 'NOT_FOUND'],
    ['a place that is not theirs', () => foreignUnit(), 404, 'NOT_FOUND'],
    ['no tenant', () => tokenOf('securityAdmin', { tenant_id: undefined }), 400, 'NO_TENANT'],
  ])('answers %s with a problem', async (_what, token, status, code) => {
    const reply = await call('GET', '/assets', await token())
    expect(reply).toMatchObject({ status, type: 'application/problem+json', body: { code } })
  })

  it.each([
    ['an asset of another tenant', demoId('sec.assets', 2, 1)],
    ['one that never was', '00000000-0000-4000-8000-000000000000'],
  ])('does not tell %s from nothing', async (_what, id) => {
    const reply = await call('GET', `/assets/${id}`, await tokenOf('securityAdmin'))
    expect(reply).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND', detail: 'no such object' },
    })
  })

  it('refuses what a role may not do', async () => {
    const path = `/assets/${demoId('sec.assets', 1, 1)}/approve`
    const reply = await call('POST', path, await tokenOf('securityAnalyst'))
    expect(reply).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
  })

  it('points at every fault of a request at once', async () => {
    const token = await tokenOf('securityAdmin')
    const { status, body } = await call('GET', '/assets?limit=0&colour=red', token)
    expect(status).toBe(400)
    expect(
      (body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).toSorted(),
    ).toEqual(['/query/colour', '/query/limit'])
  })

  it('describes every route once', () => {
    const { paths } = openApiOf(routes) as { paths: Record<string, object> }
    const operations = Object.values(paths).flatMap((path) => Object.values(path) as object[])
    const ids = operations.map((operation) => Reflect.get(operation, 'operationId') as string)
    expect(ids.toSorted()).toEqual(routes.map(({ id }) => id).toSorted())
    expect(new Set(ids).size).toBe(ids.length)
  })
})

async function former(): Promise<string> {
  const token = await tokenOf('securityManager')
  await database.admin.query(
    `update core.memberships set status = 'revoked', revoked_at = now() where user_id = $1`,
    [demo.users.securityManager],
  )
  return token
}

function foreignTenant(): Promise<string> {
  return tokenOf('securityAdmin', { tenant_id: demo.tenants.school })
}

function foreignUnit(): Promise<string> {
  return tokenOf('securityAnalyst', { org_unit_id: demo.orgUnits.security.northSite })
}
