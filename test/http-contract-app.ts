import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { createHttpTenancy, createTokenVerifier } from 'watertight/http'
import type { HttpTenancy, MembershipAnswer, Principal, RequestTenancy } from 'watertight/http'
import { pgDriver } from 'watertight/pg'
import { createTxManager, currentContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { ident, joinSql, sql } from 'watertight/sql'
import { WatertightError } from 'watertight/errors'
import type { IdentityProvider } from '../packages/watertight/test/identity-provider.js'
import {
  audience,
  issuer,
  startIdentityProvider,
} from '../packages/watertight/test/identity-provider.js'
import type { RuntimeHarness } from './runtime-harness.js'
import { notes, openRuntimeHarness, signingKey } from './runtime-harness.js'

/** What a route of the contract does; each adapter under test serves all of them. */
export type ContractRoute =
  /** GET: the notes that the caller sees. */
  | 'notes'
  /** POST { body }: adds a note. */
  | 'add'
  /** GET: the ambient context, and the notes seen through it, with waiting in between. */
  | 'ambient'
  /** GET: throws what {@link HttpContractApp.failure} holds. */
  | 'fail'
  /** GET, marked public. */
  | 'public'
  /** GET, outside of tenancy altogether. */
  | 'outside'

/** Handlers and state that all adapters under test share. */
export interface HttpContractApp {
  readonly harness: RuntimeHarness
  readonly provider: IdentityProvider
  readonly tx: TxManager
  readonly http: HttpTenancy
  /** The same, with a key server that nobody answers for. */
  readonly httpWithoutKeys: HttpTenancy
  /** Handlers that ran since the last reset. */
  readonly calls: string[]
  /** Everything that `onRefused` was told since the last reset. */
  readonly refusals: unknown[]
  failure: unknown
  membership: (principal: Principal) => MembershipAnswer | Promise<MembershipAnswer>
  /** Milliseconds by which the clock of the application is off. */
  clockOffset: number
  /** Called by the route `ambient` between its two readings. */
  meanwhile: () => void
  handle(route: ContractRoute, tenancy: RequestTenancy | undefined, body?: unknown): Promise<object>
  reset(): Promise<void>
  close(): Promise<void>
}

export async function openHttpContractApp(): Promise<HttpContractApp> {
  const harness = await openRuntimeHarness()
  const provider = await startIdentityProvider()
  const pools = await rolePools(harness)
  const now = (): number => Date.now() + app.clockOffset
  const tx = createTxManager({
    pools: { app: pgDriver(pools.app), public: pgDriver(pools.public) },
    signingKey,
    now,
  })
  await tx.start()
  const httpFor = (jwks: string): HttpTenancy =>
    createHttpTenancy({
      tx,
      verifier: createTokenVerifier({ issuer, audience, jwks, now }),
      claims: 'auth0',
      keyTypes: { tenant: 'text', user: 'text' },
      checkMembership: (principal) => app.membership(principal),
      onRefused: (error) => app.refusals.push(error),
      now,
    })
  const app: HttpContractApp = {
    harness,
    provider,
    tx,
    http: httpFor(provider.jwksUrl),
    httpWithoutKeys: httpFor('http://127.0.0.1:1/jwks.json'),
    calls: [],
    refusals: [],
    failure: null,
    membership: () => true,
    clockOffset: 0,
    meanwhile: () => undefined,
    async handle(route, tenancy, body) {
      app.calls.push(route)
      return handlers[route](app, tenancy, body)
    },
    async reset() {
      await harness.reset()
      app.calls.length = 0
      app.refusals.length = 0
      app.failure = null
      app.membership = () => true
      app.clockOffset = 0
      app.meanwhile = () => undefined
      provider.publish([provider.key.publicJwk])
      provider.answer(null)
    },
    async close() {
      await Promise.all([pools.app.end(), pools.public.end()])
      await provider.close()
      await harness.close()
    },
  }
  return app
}

type Handler = (
  app: HttpContractApp,
  tenancy: RequestTenancy | undefined,
  body: unknown,
) => Promise<object>

const handlers: Readonly<Record<ContractRoute, Handler>> = {
  async notes(_app, tenancy) {
    return { notes: await bodies(tenancy) }
  },
  async add(_app, tenancy, body) {
    if (tenancy === undefined) throw new Error('the route has no tenancy')
    const note = (body as { body: string }).body
    const { rows } = await tenancy.tx.run((tx) => tx.query(notes.insert, [note]))
    return { added: rows, ambient: currentContext().tenantId }
  },
  async ambient(app, tenancy) {
    const seen: unknown[] = []
    for (let round = 0; round < 3; round += 1) {
      const { rows } = await app.tx.query<{ body: string }>(currentContext(), notes.list)
      seen.push({ tenant: currentContext().tenantId, notes: rows.map(({ body }) => body) })
      app.meanwhile()
      await delay(Math.random() * 5)
    }
    return { seen, request: tenancy?.context.tenantId }
  },
  async fail(app) {
    await delay(1)
    throw app.failure
  },
  async public(_app, tenancy) {
    const { mode, tenantId } = currentContext()
    return { mode, tenantId, principal: tenancy?.principal ?? null, notes: await bodies(tenancy) }
  },
  async outside() {
    await delay(1)
    try {
      return { leaked: currentContext() }
    } catch (error) {
      return { code: error instanceof WatertightError ? error.code : null }
    }
  },
}

async function bodies(tenancy: RequestTenancy | undefined): Promise<string[]> {
  if (tenancy === undefined) throw new Error('the route has no tenancy')
  const { rows } = await tenancy.tx.query<{ body: string }>(notes.list)
  return rows.map(({ body }) => body)
}

/** Pools of the app role and of a public role, through the proxy that counts. */
async function rolePools({
  database,
  proxy,
}: RuntimeHarness): Promise<{ app: pg.Pool; public: pg.Pool }> {
  const publicRole = `${database.rolePrefix}_public`
  const role = ident(publicRole)
  const statements = [
    sql`create role ${role} login`,
    sql`grant usage on schema app, watertight to ${role}`,
    sql`grant select on app.notes to ${role}`,
  ]
  await database.admin.query(joinSql(statements, '; ').text)
  const pool = (name: string): pg.Pool =>
    new pg.Pool({ connectionString: proxy.through(database.urlFor(name)), max: 4 })
  return { app: pool(database.appRole), public: pool(publicRole) }
}
