import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PathValues } from '../../test/endpoint-coverage/path-values.js'
import { readPathValues } from '../../test/endpoint-coverage/path-values.js'
import { knownBodies, knownQueries } from '../../test/endpoint-coverage/known-bodies.js'
import type { JsonSchema } from '../../test/endpoint-coverage/sample-body.js'
import { sampleOf } from '../../test/endpoint-coverage/sample-body.js'
import type { PlatformApi, Received, SentRequest } from '../../test/platform-api.js'
import { openPlatformApi } from '../../test/platform-api.js'
import { demo } from '../demo-data/index.js'
import type { DemoActorKey } from '../demo-data/index.js'
import { openSessionIssuer } from '../identity/session-issuer.js'
import { TenantLoad } from '../performance/tenant-load.js'
import type { Capability } from './capabilities.js'
import { capabilitiesByRole } from './capabilities.js'
import { openApiFile } from './openapi-file.js'
import type { Access } from './route.js'
import { routes } from './routes.js'

interface Operation {
  readonly operationId: string
  readonly 'x-access': Access
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { schema: JsonSchema } }
  }
}

interface Endpoint extends Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
}

const document = JSON.parse(await readFile(openApiFile, 'utf8')) as {
  paths: Record<string, Record<string, Operation>>
}
const endpoints: readonly Endpoint[] = Object.entries(document.paths).flatMap(
  ([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase() as Endpoint['method'],
    })),
)

let api: PlatformApi
let values: PathValues

beforeAll(async () => {
  const sessions = await openSessionIssuer({ issuer: 'https://sessions.example', audience: 'x' })
  const services = { sessions, load: new TenantLoad() }
  api = await openPlatformApi({ routes, services }, 6)
  values = await readPathValues(api.database.admin, demo.tenants.security)
})
afterAll(() => api.close())

async function send(
  endpoint: Endpoint,
  actor: DemoActorKey | null,
  request: SentRequest = {},
): Promise<Received> {
  const schema = endpoint.requestBody?.content['application/json'].schema
  const known = knownBodies[endpoint.operationId]
  const query = knownQueries[endpoint.operationId]
  const path = values.fill(endpoint.path) ?? endpoint.path
  return api.call(actor, endpoint.method, query === undefined ? path : `${path}?${query}`, {
    ...request,
    ...(schema !== undefined && { body: known ?? sampleOf(schema, values.byName) }),
  })
}

/** What a caller must not get, as lines of text; null where all is well. */
type Fault = (endpoint: Endpoint, reply: Received) => string | null

/** Sends operations as one caller, some at a time, and returns what went wrong. */
async function faultsOf(
  actor: DemoActorKey | null,
  fault: Fault,
  request: SentRequest = {},
  sent: readonly Endpoint[] = endpoints,
): Promise<readonly string[]> {
  const faults: string[] = []
  const waiting = [...sent]
  const work = async (): Promise<void> => {
    for (let endpoint = waiting.shift(); endpoint !== undefined; endpoint = waiting.shift()) {
      const reply = await send(endpoint, actor, request)
      const found = reply.status >= 500 ? 'a server error' : fault(endpoint, reply)
      if (found === null) continue
      faults.push(`${endpoint.method} ${endpoint.operationId}: ${String(reply.status)} ${found}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return faults
}

const ofTenant = ({ 'x-access': access }: Endpoint): boolean => access.kind === 'tenant'
const isPublic = ({ 'x-access': access }: Endpoint): boolean => access.kind === 'public'

/** Ids of the demo rows of the tenant that the paths name. */
const rowOfTheirs = /0000000[1]-[0-9a-f]{4}-4000-8000-/

function expectStatus(isMeant: (endpoint: Endpoint) => boolean, status: number): Fault {
  return (endpoint, reply) =>
    isMeant(endpoint) && reply.status !== status ? `instead of ${String(status)}` : null
}

/** Operations that fail for the admin of the tenant, or for platform staff where it is theirs. */
async function refusedTo(isMeant: (endpoint: Endpoint) => boolean): Promise<readonly string[]> {
  const faults: string[] = []
  for (const endpoint of endpoints.filter(isMeant)) {
    const isForStaff = endpoint['x-access'].kind === 'platform'
    const { status, text } = await send(
      endpoint,
      isForStaff ? 'platformWithoutGrant' : 'securityAdmin',
    )
    const { operationId, method } = endpoint
    // An export that is not ready is there, and cannot be read.
    const isRead = status === 200 || operationId === 'downloadExport'
    const isUnread = method === 'GET' && ofTenant(endpoint) && !isRead
    const isRefused = status >= 500 || status === 401 || (status === 403 && method === 'GET')
    if (isRefused || isUnread || status === 400) {
      faults.push(`${method} ${operationId}: ${String(status)} ${text}`)
    }
  }
  return faults
}

describe(`every operation of the OpenAPI document (${String(endpoints.length)})`, () => {
  it('has a row for each parameter of its path', () => {
    expect(
      endpoints.filter(({ path }) => values.fill(path) === null).map(({ path }) => path),
    ).toEqual([])
    expect(endpoints.map(({ operationId }) => operationId).toSorted()).toEqual(
      routes.map(({ id }) => id).toSorted(),
    )
  })

  // Before anything is deleted by those who may.
  it('answers the reads of those who may: the control for the refusals below', async () => {
    expect(await refusedTo((endpoint) => endpoint.method === 'GET')).toEqual([])
  })

  it('refuses who shows no token', async () => {
    expect(
      await faultsOf(
        null,
        expectStatus((endpoint) => !isPublic(endpoint), 401),
      ),
    ).toEqual([])
  })

  it('refuses a token that has expired', async () => {
    const fault = expectStatus((endpoint) => !isPublic(endpoint), 401)
    expect(await faultsOf('securityAdmin', fault, { expires: '-1h' })).toEqual([])
  })

  it('shows and changes nothing of another tenant', async () => {
    const fault: Fault = (endpoint, { status, text }) => {
      if (!isPublic(endpoint) && rowOfTheirs.test(text)) return 'shows a row of another tenant'
      const names =
        /\{(?!controlId|frameworkId|systemTemplateId|topic|channel|purpose|runId|cellId)\w+\}/
      const isTheirs = ofTenant(endpoint) && names.test(endpoint.path)
      return isTheirs && status < 400 ? 'is done with an object of another tenant' : null
    }
    expect(await faultsOf('schoolAdmin', fault)).toEqual([])
  })

  it('is closed to a tenant that the caller only names', async () => {
    const claims = { tenant_id: demo.tenants.security }
    expect(await faultsOf('schoolAdmin', expectStatus(ofTenant, 404), { claims })).toEqual([])
  })

  it('shows and changes nothing of other org units', async () => {
    const { northSite, controlRoom } = demo.orgUnits.security
    // Lists of places say who works where; the tree is for all members to see.
    const isPlaces = /members|org-units|invitations|access-grant|session/
    const fault: Fault = ({ path }, { text }) => {
      if (isPlaces.test(path)) return null
      const units = [...text.matchAll(/"orgUnitId":"([^"]+)"/g)].map(([, unit = '']) => unit)
      const foreign = units.filter((unit) => unit !== northSite && unit !== controlRoom)
      return foreign.length > 0 ? 'shows a row of another org unit' : null
    }
    expect(await faultsOf('securityManager', fault)).toEqual([])
    const elsewhere = { claims: { org_unit_id: demo.orgUnits.security.southSite } }
    expect(await faultsOf('securityManager', expectStatus(ofTenant, 404), elsewhere)).toEqual([])
  })

  it('refuses a role that lacks the capability', async () => {
    const held: ReadonlySet<Capability> = new Set(capabilitiesByRole.member)
    const lacks = ({ 'x-access': access }: Endpoint): boolean =>
      access.kind === 'platform' || (access.kind === 'tenant' && !held.has(access.capability))
    expect(endpoints.filter(lacks).length).toBeGreaterThan(40)
    expect(await faultsOf('securityAnalyst', expectStatus(lacks, 403))).toEqual([])
  })

  it('refuses auditors every write, and reads that are not for them', async () => {
    const isClosed = ({ 'x-access': access, method }: Endpoint): boolean =>
      access.kind === 'tenant' && (method !== 'GET' || access.auditor !== true)
    expect(await faultsOf('auditorLive', expectStatus(isClosed, 403))).toEqual([])
    for (const actor of ['auditorExpired', 'auditorRevoked'] as const) {
      expect(await faultsOf(actor, expectStatus(ofTenant, 404))).toEqual([])
    }
  })

  it('refuses a member who was revoked, at once', async () => {
    const { admin } = api.database
    const who = [demo.users.securityManager]
    await admin.query(
      `update core.memberships set status = 'revoked', revoked_at = now() where user_id = $1`,
      who,
    )
    expect(await faultsOf('securityManager', expectStatus(ofTenant, 404))).toEqual([])
    await admin.query(
      `update core.memberships set status = 'active', revoked_at = null where user_id = $1`,
      who,
    )
  })

  it('refuses everybody of a tenant that is suspended', async () => {
    const { admin } = api.database
    const which = [demo.tenants.security]
    await admin.query(
      `update core.tenants set status = 'suspended', suspended_at = now() where id = $1`,
      which,
    )
    // Staff may resume the tenant, so that what is theirs is not sent meanwhile.
    const sent = endpoints.filter(ofTenant)
    for (const actor of ['securityAdmin', 'auditorLive', 'platformReadOnly'] as const) {
      expect(await faultsOf(actor, expectStatus(ofTenant, 404), {}, sent)).toEqual([])
    }
    const { rowCount } = await admin.query(
      `update core.tenants set status = 'active', suspended_at = null
       where id = $1 and status = 'suspended'`,
      which,
    )
    expect(rowCount).toBe(1)
  })

  it('takes the writes of those who may: the other half of the control', async () => {
    expect(await refusedTo((endpoint) => endpoint.method !== 'GET')).toEqual([])
  })
})
