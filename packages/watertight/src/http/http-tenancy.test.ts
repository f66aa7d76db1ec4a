import { describe, expect, it } from 'vitest'
import { createHttpTenancy, problemOf, requireCapability } from 'watertight/http'
import type { HttpTenancyOptions, RequestTenancy, TokenVerifier } from 'watertight/http'
import { WatertightError } from 'watertight/errors'
import { withContext } from 'watertight/runtime'
import type { TxManager } from 'watertight/runtime'
import { member } from '../../../../test/runtime-harness.js'
import type { ClaimPreset } from './claim-presets.js'
import { jsonPointer } from './json-pointer.js'

const exp = 2_000_000_000
const uuid = '0195b4f0-5b5c-7000-8000-000000000001'
const text = { tenant: 'text', user: 'text', orgUnit: 'text' } as const

/** Takes any token for verified: what claims become is what this file is about. */
function verified(claims: Record<string, unknown>): TokenVerifier {
  const found = { claims, refusedFrom: exp }
  return { maxTokenBytes: 8192, verify: async () => Promise.resolve(found) }
}

// Nothing here runs a statement.
const tx: Pick<TxManager, 'as'> = { as: (context) => ({ context }) as ReturnType<TxManager['as']> }

async function tenancyOf(
  claims: Record<string, unknown>,
  options: Partial<HttpTenancyOptions> = {},
): Promise<RequestTenancy> {
  const http = createHttpTenancy({
    tx,
    verifier: verified({ sub: 'u1', ...claims }),
    claims: 'auth0',
    keyTypes: text,
    ...options,
  })
  return http.authenticate(['Bearer a.b.c'])
}

describe('a preset knows where its provider puts the tenant', () => {
  it.each<[ClaimPreset, Record<string, unknown>, object]>([
    ['auth0', { org_id: 'org_1', permissions: ['a', 'b'] }, { capabilities: ['a', 'b'] }],
    ['workos', { org_id: 'org_1', permissions: ['a'] }, { capabilities: ['a'] }],
    ['clerk', { o: { id: 'org_1', rol: 'admin' } }, {}],
    ['supabase', { app_metadata: { tenant_id: 'org_1' } }, {}],
    ['keycloak', { organization: ['org_1'] }, {}],
    ['keycloak', { organization: { org_1: {} } }, {}],
    ['keycloak', { organization: { acme: { id: 'org_1' } } }, {}],
    ['keycloak', { organization: 'org_1' }, {}],
    ['cognito', { 'custom:tenant_id': 'org_1', 'cognito:groups': ['x'] }, { capabilities: ['x'] }],
    ['entra', { tid: 'org_1', oid: 'u1', sub: 'pairwise' }, {}],
  ])('%s: %j', async (preset, claims, extra) => {
    const { context } = await tenancyOf(claims, { claims: preset })
    expect(context).toMatchObject({ mode: 'member', tenantId: 'org_1', userId: 'u1', ...extra })
  })

  it.each<[ClaimPreset, Record<string, unknown>]>([
    ['auth0', { organization: 'org_1' }],
    ['clerk', { o: 'org_1' }],
    ['supabase', { user_metadata: { tenant_id: 'org_1' }, tenant_id: 'org_1' }],
    ['keycloak', { organization: ['a', 'b'] }],
    ['keycloak', { organization: { a: {}, b: {} } }],
    ['keycloak', { organization: [] }],
    ['keycloak', { organization: {} }],
    ['cognito', { custom: { tenant_id: 'org_1' } }],
    ['entra', { tid: null, oid: 'u1' }],
  ])('%s: %j names no tenant', async (preset, claims) => {
    await expect(tenancyOf(claims, { claims: preset })).rejects.toMatchObject({ code: 'NO_TENANT' })
  })
})

describe('a mapping', () => {
  it('reads claims by pointer and by function, scope included', async () => {
    const { context, principal } = await tenancyOf(
      { 'https://acme.example/tenant': 'acme', scope: 'a b', unit: 'root', uid: 7 },
      {
        claims: {
          tenant: '/https:~1~1acme.example~1tenant',
          user: ({ uid }) => `user-${String(uid)}`,
          capabilities: '/scope',
          orgScope: () => 'subtree',
          orgUnit: '/unit',
        },
      },
    )
    expect(context).toMatchObject({
      tenantId: 'acme',
      userId: 'user-7',
      capabilities: ['a', 'b'],
      orgScope: 'subtree',
      orgUnitId: 'root',
    })
    expect(principal?.claims['uid']).toBe(7)
  })

  it.each<[string, unknown, string]>([
    ['a user that is no text', { user: () => 7 }, 'INVALID_CONTEXT'],
    ['no user', { user: () => undefined }, 'INVALID_TOKEN'],
    ['capabilities that are no texts', { capabilities: () => ['a', 1] }, 'INVALID_CONTEXT'],
    ['an unknown org scope', { orgScope: () => 'everything' }, 'INVALID_CONTEXT'],
    ['an org scope without its unit', { orgScope: () => 'unit' }, 'INVALID_CONTEXT'],
    ['an org unit that is no text', { orgUnit: () => ({}) }, 'INVALID_CONTEXT'],
  ])('that finds %s is refused', async (_name, mapping, code) => {
    const claims = { tenant: () => 'acme', ...(mapping as object) }
    await expect(tenancyOf({}, { claims })).rejects.toMatchObject({ code })
  })

  it.each([undefined, null, 'unknown', 'toString', {}, { tenant: 'org_id' }, { tenant: '/~2' }])(
    'such as %j is refused as it is configured',
    async (claims) => {
      await expect(tenancyOf({}, { claims: claims as never })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      })
    },
  )

  it('finds nothing that a token did not bring itself', () => {
    for (const pointer of ['/constructor/name', '/__proto__/toString', '/org_id/length']) {
      expect(jsonPointer(pointer)({ org_id: 'acme' })).toBeUndefined()
    }
  })
})

describe('a membership check', () => {
  const claimTypes = { tenant: 'text', user: 'text' } as const

  it('replaces the ids of the provider by those of the database', async () => {
    const { context } = await tenancyOf(
      { org_id: 'org_1', permissions: ['billing'] },
      {
        keyTypes: {},
        claimTypes,
        checkMembership: ({ tenantId, userId }) =>
          tenantId === 'org_1' && userId === 'u1' ? { tenantId: uuid, userId: uuid } : null,
      },
    )
    expect(context).toMatchObject({ tenantId: uuid, userId: uuid, capabilities: ['billing'] })
  })

  it('can be asked anew when the connection was lost while it was asked', async () => {
    const checkMembership = (): never => {
      throw new WatertightError('OUTCOME_UNKNOWN', 'lost while committing')
    }
    const refusal = await tenancyOf({ org_id: 'org_1' }, { checkMembership }).catch(
      (error: unknown) => problemOf(error),
    )
    expect(refusal).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.any(String) },
      body: { code: 'CONNECTION_FAILED' },
    })
  })

  it('never sees ids that are malformed for the database', async () => {
    let asked = 0
    const checkMembership = (): boolean => (asked += 1) > 0
    await expect(
      tenancyOf({ org_id: "x' or true --" }, { keyTypes: {}, checkMembership }),
    ).rejects.toMatchObject({ code: 'NO_TENANT' })
    expect(asked).toBe(0)
  })

  it('that gives malformed ids of its own is refused', async () => {
    const checkMembership = (): object => ({ tenantId: 'org_1' })
    await expect(
      tenancyOf({ org_id: 'org_1' }, { keyTypes: {}, claimTypes, checkMembership }),
    ).rejects.toMatchObject({ code: 'INVALID_CONTEXT' })
  })

  it('decides scope and unit together, and takes capabilities away', async () => {
    const { context } = await tenancyOf(
      { org_id: 'acme', unit: 'root', permissions: ['a', 'b'] },
      {
        claims: {
          tenant: '/org_id',
          capabilities: '/permissions',
          orgScope: () => 'subtree',
          orgUnit: '/unit',
        },
        checkMembership: () => ({ orgScope: 'all', capabilities: [] }),
      },
    )
    expect(context).toMatchObject({ orgScope: 'all', orgUnitId: null, capabilities: [] })
  })
})

describe('a visitor by an access grant', () => {
  it.each(['auditor', 'platform'] as const)(
    'in mode %s has neither scope nor rights of the token',
    async (mode) => {
      const { context } = await tenancyOf(
        { org_id: 'acme', permissions: ['write'] },
        { checkMembership: () => ({ mode, accessGrantId: 'g1', orgScope: 'all' }) },
      )
      expect(context).toMatchObject({
        mode,
        tenantId: 'acme',
        userId: 'u1',
        accessGrantId: 'g1',
        orgScope: null,
        capabilities: [],
        expiresAt: expect.any(Number),
      })
    },
  )

  it.each(['auditor', 'platform'] as const)('in mode %s needs the grant', async (mode) => {
    const checkMembership = (): object => ({ mode })
    await expect(tenancyOf({ org_id: 'acme' }, { checkMembership })).rejects.toMatchObject({
      code: 'INVALID_CONTEXT',
    })
  })

  it('cannot have another mode', async () => {
    const checkMembership = (): object => ({ mode: 'worker', accessGrantId: 'g1' })
    await expect(tenancyOf({ org_id: 'acme' }, { checkMembership })).rejects.toMatchObject({
      code: 'INVALID_CONTEXT',
    })
  })
})

describe('a user without a tenant', () => {
  function identify(
    claims: Record<string, unknown>,
    options: Partial<HttpTenancyOptions>,
  ): Promise<RequestTenancy> {
    const common = { tx, claims: 'auth0', keyTypes: text } as const
    const http = createHttpTenancy({ ...common, verifier: verified(claims), ...options })
    return http.identify(['Bearer a.b.c'])
  }

  it('gets the context that the check gives, whatever tenant the token names', async () => {
    const found = await identify(
      { sub: 'u1', org_id: 'acme' },
      { checkUser: ({ userId }) => ({ mode: 'platform', userId }), now: () => (exp - 10) * 1000 },
    )
    expect(found.context).toMatchObject({ mode: 'platform', userId: 'u1', tenantId: null })
    expect(found.context.expiresAt).toBe(exp)
    expect(found).toMatchObject({ principal: null, identity: { userId: 'u1', expiresAt: exp } })
  })

  it.each<[string, Record<string, unknown>, Partial<HttpTenancyOptions>, string]>([
    ['the check knows nothing of', { sub: 'u1' }, { checkUser: () => null }, 'NOT_FOUND'],
    [
      'the check admits by no claims',
      { sub: 'u1' },
      { checkUser: () => true as never },
      'NOT_FOUND',
    ],
    ['the token does not name', {}, { checkUser: () => ({ mode: 'public' }) }, 'INVALID_TOKEN'],
    ['nobody checks', { sub: 'u1' }, {}, 'INVALID_INPUT'],
  ])('that %s is refused', async (_name, claims, options, code) => {
    await expect(identify(claims, options)).rejects.toMatchObject({ code })
  })

  it('cannot be given a longer life than the token has', async () => {
    const checkUser = (): object => ({ mode: 'platform', userId: 'u1', expiresAt: exp + 999 })
    const { context } = await identify(
      { sub: 'u1' },
      { checkUser: checkUser as never, now: () => exp * 999 },
    )
    expect(context.expiresAt).toBeLessThanOrEqual(exp)
  })
})

describe('the context of a request', () => {
  const at = (seconds: number): Partial<HttpTenancyOptions> => ({ now: () => seconds * 1000 })

  it('lives as long as the token, and at most a minute', async () => {
    const early = await tenancyOf({ org_id: 'acme' }, at(exp - 1000))
    expect(early.context.expiresAt).toBe(exp - 940)
    const late = await tenancyOf({ org_id: 'acme' }, at(exp - 10))
    expect(late.context.expiresAt).toBe(exp)
    const longer = await tenancyOf(
      { org_id: 'acme' },
      { ...at(exp - 1000), maxContextSeconds: 600 },
    )
    expect(longer.context.expiresAt).toBe(exp - 400)
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e9])(
    'cannot live for %d seconds',
    async (maxContextSeconds) => {
      await expect(tenancyOf({ org_id: 'acme' }, { maxContextSeconds })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      })
    },
  )
})

describe('a problem', () => {
  it('says the same of all errors with one code, and nothing of what is unknown', () => {
    const denied = new WatertightError('ACCESS_DENIED', 'on invoices', { object: 'invoices' })
    expect(problemOf(denied)).toEqual(problemOf(new WatertightError('ACCESS_DENIED', 'other')))
    for (const unknown of [new Error('secret'), 'secret', null, undefined, { status: 200 }]) {
      expect(problemOf(unknown)).toMatchObject({ status: 500 })
      expect(problemOf(unknown).body).not.toHaveProperty('code')
      expect(JSON.stringify(problemOf(unknown))).not.toContain('secret')
    }
  })

  it('cannot be made to write headers by the name of the realm', () => {
    const error = new WatertightError('INVALID_TOKEN', 'no')
    const { headers } = problemOf(error, { realm: 'a"b\r\nSet-Cookie: x\\' })
    expect(headers['www-authenticate']).toBe(
      'Bearer realm="abSet-Cookie: x", error="invalid_token"',
    )
  })

  it('of a lacking capability names the challenge for it', () => {
    const context = member('acme', { capabilities: ['read'] })
    expect(() => requireCapability('read', context)).not.toThrow()
    withContext(context, () => {
      expect(() => requireCapability('write')).toThrow(
        expect.objectContaining({ code: 'FORBIDDEN' }),
      )
    })
    expect(problemOf(new WatertightError('FORBIDDEN', 'no')).headers['www-authenticate']).toMatch(
      /insufficient_scope/,
    )
  })
})
