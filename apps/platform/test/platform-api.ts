import { generateKeyPair, SignJWT } from 'jose'
import type { FastifyInstance } from 'fastify'
import { createHttpTenancy, createTokenVerifier } from 'watertight/http'
import { buildApi } from '../src/api/build-api.js'
import type { ApiOptions } from '../src/api/build-api.js'
import { openTxManager } from '../src/boot/open-tx-manager.js'
import type { OpenTxManager } from '../src/boot/open-tx-manager.js'
import { demoActors } from '../src/demo-data/index.js'
import type { DemoActorKey } from '../src/demo-data/index.js'
import { openExplainer } from '../src/explain/explainer.js'
import { membershipCheck } from '../src/identity/membership-check.js'
import { userCheck } from '../src/identity/user-check.js'
import type { PlatformDatabase } from './platform-database.js'
import { createPlatformDatabase } from './platform-database.js'
import { roleUrls } from './role-urls.js'

/** What a request is made of. */
export interface SentRequest {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Changes of the token's claims. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** When the token expires; in five minutes by default. */
  readonly expires?: string
}

/** What came back. */
export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** Of JSON; else empty. */
  readonly body: Readonly<Record<string, unknown>>
}

/** The API over a database of its own, called by demo actors with tokens of a test issuer. */
export interface PlatformApi {
  readonly database: PlatformDatabase
  readonly opened: OpenTxManager
  readonly app: FastifyInstance
  call(
    actor: DemoActorKey | null,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    request?: SentRequest,
  ): Promise<Received>
  close(): Promise<void>
}

const issuer = 'https://login.example'
const audience = 'platform'

/** Opens a database and the API on it. */
export async function openPlatformApi(
  options: Omit<ApiOptions, 'http'>,
  poolSize = 4,
): Promise<PlatformApi> {
  const database = await createPlatformDatabase()
  const keys = await generateKeyPair('ES256')
  const opened = await openTxManager(roleUrls(database), database.signingKey, poolSize)
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
    checkUser: userCheck(opened.tx),
  })
  const explainer = openExplainer(opened.tx)
  const services = options.services && { explainer, ...options.services }
  const app = await buildApi({ http, rateLimits: null, ...options, ...(services && { services }) })

  async function tokenOf(actor: DemoActorKey, { claims, expires }: SentRequest): Promise<string> {
    const own = demoActors[actor].claims
    return new SignJWT({
      tenant_id: own.tenantId ?? undefined,
      org_unit_id: own.orgUnitId ?? undefined,
      mode: own.mode,
      grant_id: own.accessGrantId ?? undefined,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(String(own.userId))
      .setExpirationTime(expires ?? '5m')
      .sign(keys.privateKey)
  }

  return {
    database,
    opened,
    app,
    async call(actor, method, path, request = {}) {
      const token = actor === null ? null : await tokenOf(actor, request)
      const reply = await app.inject({
        method,
        url:
          path.startsWith('/api/') || /^\/(?:healthz|readyz|metrics)/.test(path)
            ? path
            : `/api/v1${path}`,
        headers: {
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...request.headers,
        },
        ...(request.body !== undefined && { payload: request.body as object }),
      })
      const isJson = String(reply.headers['content-type']).includes('json')
      const body = isJson && reply.payload !== '' ? reply.json<Record<string, unknown>>() : {}
      return { status: reply.statusCode, headers: reply.headers, text: reply.payload, body }
    },
    async close() {
      await app.close()
      await opened.close()
      await database.drop()
    },
  }
}
