import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import type { FastifyInstance } from 'fastify'
import type { Problem } from 'watertight/errors'
import { createHttpTenancy } from 'watertight/http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signIn } from '../../test/identity/sign-in.js'
import type { PlatformDatabase } from '../../test/platform-database.js'
import { createPlatformDatabase } from '../../test/platform-database.js'
import { roleUrls } from '../../test/role-urls.js'
import { buildApi } from '../api/build-api.js'
import { openTxManager } from '../boot/open-tx-manager.js'
import type { OpenTxManager } from '../boot/open-tx-manager.js'
import { demo, demoIssuer } from '../demo-data/index.js'
import { openIdentity } from './open-identity.js'
import type { OpenIdentity } from './open-identity.js'
import { mountDemoProvider } from './provider/demo-provider.js'
import { readIdentitySetup } from './read-identity-setup.js'
import { identityRoutes } from './routes.js'

let database: PlatformDatabase
let opened: OpenTxManager
let publicUrl: string
let identity: OpenIdentity
let app: FastifyInstance
const others: FastifyInstance[] = []

beforeAll(async () => {
  database = await createPlatformDatabase(18)
  opened = await openTxManager(roleUrls(database), database.signingKey, 2)
  const port = await freePort()
  publicUrl = `http://127.0.0.1:${port}`
  identity = await openIdentity(opened.tx, setupOf({}), publicUrl)
  app = await serve(identity)
  if (identity.demo !== null) await mountDemoProvider(app, identity.demo.provider)
  await app.listen({ host: '127.0.0.1', port })
}, 120_000)
afterAll(async () => {
  for (const each of [app, ...others]) await each.close()
  await opened.close()
  await database.drop()
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

function setupOf(
  variables: Record<string, string>,
  problems: Problem[] = [],
): ReturnType<typeof readIdentitySetup> {
  return readIdentitySetup(variables, publicUrl, problems)
}

function serve({ options, sessions }: OpenIdentity): Promise<FastifyInstance> {
  const http = createHttpTenancy(options)
  return buildApi({ http, routes: identityRoutes, services: { sessions } })
}

async function tokenOf(subject: string): Promise<string> {
  const tokens = await signIn({
    issuer: identity.issuer,
    clientId: 'console',
    redirectUri: `${publicUrl}/callback`,
    email: `${subject}@watertight.example`,
    password: identity.demo?.password ?? '',
  })
  return tokens.access_token
}

async function get(base: string, path: string, token: string): Promise<Response> {
  return fetch(`${base}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
}

describe('identity of a server', () => {
  it('has a provider of its own for the demo, beside the API', async () => {
    expect(identity.issuer).toBe(`${publicUrl}/oidc`)
    const reply = await get(publicUrl, '/session', await tokenOf('ada'))
    expect(await reply.json()).toMatchObject({ user: { id: demo.users.securityAdmin } })
    const plain = await fetch(`${publicUrl}/oidc/nothing`)
    expect(plain.status).toBe(404)
  })

  it('lets users say how they are called, and nothing else of themselves', async () => {
    const token = await tokenOf('yuki')
    const change = async (body: object): Promise<Response> =>
      fetch(`${publicUrl}/api/v1/me`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const reply = await change({ displayName: ' Yuki T. ', locale: 'de-AT' })
    expect(await reply.json()).toMatchObject({
      id: demo.users.visitor,
      displayName: 'Yuki T.',
      locale: 'de-AT',
      isPlatformStaff: false,
    })
    expect((await change({ isPlatformStaff: true })).status).toBe(400)
    expect((await change({ locale: 'x' })).status).toBe(400)
    const { rows } = await database.admin.query(
      `select id from core.users where display_name = 'Yuki T.'`,
    )
    expect(rows).toEqual([{ id: demo.users.visitor }])
  })

  it('takes an issuer of yours, whose keys it discovers', async () => {
    const { issuer } = identity
    const setup = setupOf({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: `${publicUrl}/api/v1` })
    const external = await openIdentity(opened.tx, setup, 'https://platform.example')
    expect(external.demo).toBeNull()
    const server = await serve(external)
    others.push(server)
    const address = await server.listen({ host: '127.0.0.1', port: 0 })
    const token = await tokenOf('ada')
    // Known by the name of the issuer, which nobody here is yet.
    expect((await get(address, '/session', token)).status).toBe(403)
    const rename = 'update core.users set issuer = $1 where issuer = $2'
    await database.admin.query(rename, [issuer, demoIssuer])
    try {
      expect((await get(address, '/session', token)).status).toBe(200)
    } finally {
      await database.admin.query(rename, [demoIssuer, issuer])
    }
  })

  it('does not start with an issuer that is not there, or names itself otherwise', async () => {
    for (const issuer of [`${publicUrl}/nowhere`, `${identity.issuer}/`, 'http://127.0.0.1:1']) {
      const setup = setupOf({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'api' })
      await expect(openIdentity(opened.tx, setup, publicUrl)).rejects.toMatchObject({
        code: 'KEYS_UNAVAILABLE',
      })
    }
  })

  it('accepts sessions of another process that has the same key, and of no other', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const variables = { PLATFORM_SESSION_KEY: JSON.stringify(await exportJWK(privateKey)) }
    const [one, two] = await Promise.all(
      [1, 2].map(() => openIdentity(opened.tx, setupOf(variables), publicUrl)),
    )
    const claims = {
      userId: demo.users.securityAdmin,
      tenantId: demo.tenants.security,
      mode: 'member',
      orgUnitId: null,
      grantId: null,
      scopes: null,
      signedInUntil: Math.floor(Date.now() / 1000) + 60,
    } as const
    const issued = await one?.sessions.issue(claims)
    const token = issued?.token ?? ''
    expect(await two?.options.verifier.verify(token)).toMatchObject({
      claims: { sub: demo.users.securityAdmin, tenant_id: demo.tenants.security },
    })
    await expect(identity.options.verifier.verify(token)).rejects.toMatchObject({
      code: 'INVALID_TOKEN',
    })
  })

  it('says everything that is wrong with its settings at once, and no value', () => {
    const problems: Problem[] = []
    setupOf(
      {
        OIDC_ISSUER: 'http://login.example',
        OIDC_CALLBACKS: 'https://ok.example/callback, javascript:alert(1)',
        DEMO_PASSWORD: 'short',
        PLATFORM_SESSION_KEY: '{"kty":"oct","k":"c2VjcmV0"}',
      },
      problems,
    )
    expect(problems.map(({ path }) => path)).toEqual([
      'OIDC_ISSUER',
      'OIDC_AUDIENCE',
      'DEMO_PASSWORD',
      'OIDC_CALLBACKS',
      'PLATFORM_SESSION_KEY',
    ])
    expect(JSON.stringify(problems)).not.toMatch(/login\.example|alert|short"|c2VjcmV0/)
  })
})
