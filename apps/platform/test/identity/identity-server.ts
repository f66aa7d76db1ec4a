import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { createHttpTenancy, createTokenVerifier } from 'watertight/http'
import type { TxManager } from 'watertight/runtime'
import { buildApi } from '../../src/api/build-api.js'
import type { Route } from '../../src/api/route.js'
import { openTxManager } from '../../src/boot/open-tx-manager.js'
import { demoIssuer, demoLogins } from '../../src/demo-data/index.js'
import type { IdentityOptions } from '../../src/identity/platform-identity.js'
import { identityOptions } from '../../src/identity/platform-identity.js'
import { demoAccounts } from '../../src/identity/provider/demo-account.js'
import { createDemoProvider } from '../../src/identity/provider/demo-provider.js'
import { openSessionIssuer } from '../../src/identity/session-issuer.js'
import type { PlatformDatabase } from '../platform-database.js'
import { createPlatformDatabase } from '../platform-database.js'
import { roleUrls } from '../role-urls.js'
import { discover, signIn } from './sign-in.js'
import * as oidc from 'openid-client'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What came back. */
export interface IdentityReply {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly items: readonly Record<string, unknown>[]
}

/** The API behind a real provider on this machine, with the demo data in a database of its own. */
export interface IdentityServer {
  readonly database: PlatformDatabase
  readonly app: FastifyInstance
  readonly options: IdentityOptions
  readonly tx: TxManager
  readonly issuer: string
  readonly audience: string
  readonly sessionIssuer: string
  /** Signs a person of the demo in and returns the access token. */
  tokenOf(subject: string): Promise<string>
  /** Client credentials of the service `importer`. */
  serviceToken(scope: string): Promise<string>
  call(token: string | null, method: Method, path: string, body?: object): Promise<IdentityReply>
  /** A session token for a tenant, org unit or grant. */
  switchTo(token: string, target: object): Promise<string>
  close(): Promise<void>
}

const audience = 'https://api.platform.example'
const password = 'a password of the tests'
const redirectUri = 'http://127.0.0.1:9/signed-in'
const secret = 'a secret of the importer alone'

/** Opens provider and API; the routes are those given. */
export async function openIdentityServer(routes: readonly Route[]): Promise<IdentityServer> {
  const database = await createPlatformDatabase(18)
  const opened = await openTxManager(roleUrls(database), database.signingKey, 6)
  const web = createServer()
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(web.address() as AddressInfo).port}/oidc`
  const provider = await createDemoProvider({
    issuer,
    audience,
    accounts: demoAccounts(demoLogins, password),
    publicClients: [{ id: 'console', redirectUris: [redirectUri], postLogoutRedirectUris: [] }],
    serviceClients: [{ id: 'importer', secret }],
    scopes: ['assets.read', 'members.read', 'members.write'],
  })
  web.on('request', provider.handle)
  const sessions = await openSessionIssuer({ issuer: 'https://platform.example/session', audience })
  const verifier = createTokenVerifier({
    issuer,
    audience,
    jwks: `${issuer}/jwks`,
    algorithms: ['ES256'],
    typ: 'at+jwt',
  })
  const { tx } = opened
  const options = identityOptions(tx, [{ issuer, knownAs: demoIssuer, verifier }], sessions)
  const http = createHttpTenancy(options)
  const app = await buildApi({
    http,
    routes,
    rateLimits: null,
    services: { sessions, publicUrl: 'https://platform.example' },
  })

  async function call(
    token: string | null,
    method: Method,
    path: string,
    body?: object,
  ): Promise<IdentityReply> {
    const reply = await app.inject({
      method,
      url: `/api/v1${path}`,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      ...(body !== undefined && { payload: body }),
    })
    const json: Record<string, unknown> = reply.payload === '' ? {} : reply.json()
    const items = (json['items'] ?? []) as Record<string, unknown>[]
    return { status: reply.statusCode, body: json, items }
  }

  return {
    database,
    app,
    options,
    tx,
    issuer,
    audience,
    sessionIssuer: sessions.issuer,
    async tokenOf(subject) {
      const email = demoLogins.find((login) => login.subject === subject)?.email ?? ''
      const login = { issuer, clientId: 'console', redirectUri, email, password }
      return (await signIn(login)).access_token
    },
    async serviceToken(scope) {
      const config = await discover(issuer, 'importer', secret)
      return (await oidc.clientCredentialsGrant(config, { scope })).access_token
    },
    call,
    async switchTo(token, target) {
      const { status, body } = await call(token, 'POST', '/session/switch', target)
      if (status !== 200) throw new Error(`switching answered ${status} ${JSON.stringify(body)}`)
      return String(body['accessToken'])
    },
    async close() {
      await app.close()
      web.closeAllConnections()
      await new Promise((resolve) => web.close(resolve))
      await opened.close()
      await database.drop()
    },
  }
}
