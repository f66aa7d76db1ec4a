import { generateKeyPair, SignJWT } from 'jose'
import type { FastifyInstance } from 'fastify'
import { createHttpTenancy, createTokenVerifier } from 'watertight/http'
import type { Membership, Principal } from 'watertight/http'
import type { BoundTxManager, TxManager } from 'watertight/runtime'
import type { ApiServices } from '../src/api/api-services.js'
import { buildApi } from '../src/api/build-api.js'
import type { Route } from '../src/api/route.js'
import { openTxManager } from '../src/boot/open-tx-manager.js'
import { demo, demoActors } from '../src/demo-data/index.js'
import type { DemoActorKey } from '../src/demo-data/index.js'
import { membershipCheck } from '../src/identity/membership-check.js'
import { openSessionIssuer } from '../src/identity/session-issuer.js'
import type { PlatformDatabase } from './platform-database.js'
import { createPlatformDatabase } from './platform-database.js'
import { roleUrls } from './role-urls.js'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What came back. */
export interface ApiReply {
  readonly status: number
  readonly type: string
  /** As it came. */
  readonly text: string
  /** Of a reply that is JSON. */
  readonly body: Record<string, unknown>
  readonly headers: Readonly<Record<string, unknown>>
  /** Of a page. */
  readonly items: readonly Record<string, unknown>[]
  /** JSON pointers of the faults of a request. */
  readonly pointers: readonly string[]
}

/** Calls routes over HTTP as one of the demo actors, or as nobody. */
export interface ApiCaller {
  readonly database: PlatformDatabase
  readonly app: FastifyInstance
  readonly tx: TxManager
  /** Transactions of a job of the tenant. */
  worker(tenantId: string): BoundTxManager
  call(actor: DemoActorKey | null, method: Method, path: string, body?: object): Promise<ApiReply>
  /** As GET, for a reply that is no text. */
  download(
    actor: DemoActorKey,
    path: string,
  ): Promise<Pick<ApiReply, 'status' | 'headers'> & { readonly bytes: Buffer }>
  close(): Promise<void>
}

const issuer = 'https://login.example'
const audience = 'platform'

const grants: Readonly<Record<string, Membership>> = {
  [demo.users.auditor]: { mode: 'auditor', accessGrantId: demo.accessGrants.auditorLive },
  [demo.users.platformSupport]: {
    mode: 'platform',
    accessGrantId: demo.accessGrants.platformReadOnly,
  },
}

/** The routes behind real tokens and the demo data, in a database of their own. */
export async function openApiCaller(
  routes: readonly Route[],
  services: Omit<ApiServices, 'sessions'> = {},
): Promise<ApiCaller> {
  const database = await createPlatformDatabase()
  const keys = await generateKeyPair('ES256')
  const opened = await openTxManager(roleUrls(database), database.signingKey, 4)
  const members = membershipCheck(opened.tx)
  const http = createHttpTenancy({
    tx: opened.tx,
    verifier: createTokenVerifier({
      issuer,
      audience,
      jwks: keys.publicKey,
      algorithms: ['ES256'],
    }),
    claims: { tenant: '/tenant_id', user: '/sub', orgUnit: '/org_unit_id' },
    checkMembership: (principal: Principal) => grants[principal.userId] ?? members(principal),
    checkUser: ({ userId }) => ({ mode: 'member', tenantId: null, userId }),
  })
  const sessions = await openSessionIssuer({ issuer: `${issuer}/session`, audience })
  const app = await buildApi({ http, routes, services: { sessions, ...services } })

  async function tokenOf(actor: DemoActorKey): Promise<string> {
    const { tenantId, userId, orgUnitId } = demoActors[actor].claims
    return new SignJWT({ tenant_id: tenantId, org_unit_id: orgUnitId ?? undefined })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(String(userId))
      .setExpirationTime('5m')
      .sign(keys.privateKey)
  }

  return {
    database,
    app,
    tx: opened.tx,
    worker: (tenantId) => opened.tx.asWorker({ tenantId, orgScope: 'all' }),
    async call(actor, method, path, body) {
      const authorization = actor === null ? undefined : `Bearer ${await tokenOf(actor)}`
      const reply = await app.inject({
        method,
        url: `/api/v1${path}`,
        headers: authorization === undefined ? {} : { authorization },
        ...(body !== undefined && { payload: body }),
      })
      const type = String(reply.headers['content-type'])
      const json: Record<string, unknown> = type.includes('json') ? reply.json() : {}
      const errors = (json['errors'] ?? []) as { pointer: string }[]
      return {
        status: reply.statusCode,
        type,
        text: reply.payload,
        body: json,
        headers: reply.headers,
        items: (json['items'] ?? []) as Record<string, unknown>[],
        pointers: errors.map(({ pointer }) => pointer).sort(),
      }
    },
    async download(actor, path) {
      const headers = { authorization: `Bearer ${await tokenOf(actor)}` }
      const reply = await app.inject({ method: 'GET', url: `/api/v1${path}`, headers })
      return { status: reply.statusCode, headers: reply.headers, bytes: reply.rawPayload }
    },
    async close() {
      await app.close()
      await opened.close()
      await database.drop()
    },
  }
}
