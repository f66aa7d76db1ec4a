import { z } from 'zod'
import type { TenantContext } from 'watertight/runtime'
import { WatertightError } from 'watertight/errors'
import { ApiProblem, found } from '../api/api-problem.js'
import { capabilities } from '../api/capabilities.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { apiKeyOrders, insertApiKey, listApiKeys, revokeApiKey } from './api-key-repository.js'
import type { ApiKeyRow } from './api-key-repository.js'
import { generateApiKey } from './api-key-secret.js'

const apiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  /** What the key begins with; null for auditors. */
  prefix: z.nullable(z.string()),
  scopes: z.array(z.string()),
  orgUnitId: z.nullable(z.uuid()),
  createdBy: z.uuid(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.nullable(z.iso.datetime()),
  expiresAt: z.nullable(z.iso.datetime()),
  revokedAt: z.nullable(z.iso.datetime()),
})

function shown(row: ApiKeyRow): z.input<typeof apiKey> {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: [...row.scopes],
    orgUnitId: row.org_unit_id,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  }
}

/** Whose keys the caller sees: all of the tenant for who sees the whole of it, else their own. */
function creatorInSight({ mode, orgScope, userId }: TenantContext): string | null {
  return mode === 'member' && orgScope !== 'all' ? userId : null
}

/** SECURITY: a key that makes keys would outlive its own revocation. */
const forPeople: ReadonlySet<string> = new Set(['api_keys.read', 'api_keys.write'])

function requireOwnScopes(context: TenantContext, scopes: readonly string[]): void {
  const own: readonly string[] = context.capabilities
  const faults = scopes.flatMap((scope, index) =>
    own.includes(scope) && !forPeople.has(scope)
      ? []
      : [{ pointer: `/body/scopes/${index}`, detail: 'is nothing that the caller can pass on' }],
  )
  if (faults.length === 0) return
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', faults)
}

/** Credentials of programs that act for a tenant. */
export const apiKeyRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/api-keys',
    id: 'listApiKeys',
    summary: 'API keys, newest first; never the keys themselves',
    tag: 'session',
    access: { kind: 'tenant', capability: 'api_keys.read', auditor: true, support: true },
    input: { query: z.strictObject(sortedQuery(apiKeyOrders)) },
    reply: { status: 200, schema: pageOf(apiKey), description: 'A page of API keys' },
    handle: async ({ tx, query, context }) => {
      const filter = { ...readPage(apiKeyOrders, query) }
      const rows = await listApiKeys(tx, context.mode, creatorInSight(context), filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shown), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api-keys',
    id: 'createApiKey',
    summary: 'Make an API key with some of what the caller may do; it is shown once',
    tag: 'session',
    access: { kind: 'tenant', capability: 'api_keys.write' },
    audit: { action: 'api_key.create', targetType: 'api_key' },
    revealsSecret: true,
    input: {
      body: z.strictObject({
        name: z.string().trim().min(1).max(100),
        scopes: z.array(z.enum(capabilities)).min(1).max(capabilities.length),
        expiresAt: z.iso.datetime({ offset: true }).optional(),
      }),
    },
    reply: {
      status: 201,
      schema: apiKey.extend({ secret: z.string() }),
      description: 'The API key with its secret',
    },
    handle: async ({ tx, body, context }) => {
      const { tenantId, userId, orgUnitId } = context
      if (tenantId === null || userId === null) {
        throw new WatertightError('FORBIDDEN', 'the operation needs a member')
      }
      requireOwnScopes(context, body.scopes)
      if (body.expiresAt !== undefined && Date.parse(body.expiresAt) <= Date.now()) {
        const errors = [{ pointer: '/body/expiresAt', detail: 'is past' }]
        throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
      }
      const { secret, prefix, hash } = generateApiKey()
      const row = await insertApiKey(tx, {
        tenantId,
        name: body.name,
        prefix,
        hash,
        scopes: [...new Set(body.scopes)],
        orgUnitId,
        createdBy: userId,
        expiresAt: body.expiresAt ?? null,
      })
      return { ...shown(row), secret }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api-keys/{apiKeyId}/revoke',
    id: 'revokeApiKey',
    summary: 'Revoke an API key; at once',
    tag: 'session',
    access: { kind: 'tenant', capability: 'api_keys.write' },
    audit: { action: 'api_key.revoke', targetType: 'api_key', targetParam: 'apiKeyId' },
    input: { params: z.strictObject({ apiKeyId: z.uuid() }) },
    reply: { status: 204, schema: z.null(), description: 'It opens nothing any more' },
    handle: async ({ tx, params, context }) => {
      found((await revokeApiKey(tx, params.apiKeyId, creatorInSight(context))) || undefined)
      return null
    },
  }),
]
