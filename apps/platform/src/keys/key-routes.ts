import { z } from 'zod'
import { found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import { changeKey, keyName, rotateKey } from './change-keys.js'
import type { KeyRow } from './key-repository.js'
import { keyOrders, keyPurposes, listKeys } from './key-repository.js'
import { resealCredentials } from './reseal-credentials.js'

const purpose = z.enum(keyPurposes)

const key = z.object({
  id: z.uuid(),
  name: z.string(),
  purpose,
  version: z.int(),
  state: z.enum(['active', 'rotating', 'disabled', 'destroyed']),
  provider: z.string(),
  createdAt: z.iso.datetime(),
  retiredAt: z.nullable(z.iso.datetime()),
  disabledAt: z.nullable(z.iso.datetime()),
  destroyedAt: z.nullable(z.iso.datetime()),
})

const keyPath = z.strictObject({ keyId: z.uuid() })
const purposePath = z.strictObject({ purpose })

function shown(row: KeyRow): z.input<typeof key> {
  return {
    id: row.id,
    name: keyName(row),
    purpose: row.purpose,
    version: row.version,
    state: row.state,
    provider: row.provider,
    createdAt: row.created_at.toISOString(),
    retiredAt: row.retired_at?.toISOString() ?? null,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    destroyedAt: row.destroyed_at?.toISOString() ?? null,
  }
}

/** The route that disables or enables a version. */
function stateRoute(change: 'disable' | 'enable', summary: string): Route {
  return defineRoute({
    method: 'POST',
    path: `/keys/{keyId}/${change}`,
    id: `${change}Key`,
    summary,
    tag: 'keys',
    access: { kind: 'tenant', capability: 'keys.write' },
    audit: { action: `key.${change}`, targetType: 'encryption_key', targetParam: 'keyId' },
    input: { params: keyPath },
    reply: { status: 200, schema: key, description: 'The key in its new state' },
    handle: async ({ params, context }) =>
      forTenant(context.tenantId ?? '', async (tx) =>
        shown(found(await changeKey(tx, params.keyId, change))),
      ),
  })
}

/** The tenant's encryption keys: references and states, never the keys. */
export const keyRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/keys',
    id: 'listKeys',
    summary: 'Encryption keys of the tenant by purpose and version, newest first',
    tag: 'keys',
    access: { kind: 'tenant', capability: 'keys.read' },
    input: { query: z.strictObject({ ...sortedQuery(keyOrders), purpose: purpose.optional() }) },
    reply: { status: 200, schema: pageOf(key), description: 'A page of keys' },
    handle: async ({ tx, query }) => {
      const filter = { purpose: query.purpose ?? null, ...readPage(keyOrders, query) }
      const { items, next } = toSortedPage(await listKeys(tx, filter), query)
      return { items: items.map(shown), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/keys/{purpose}/rotate',
    id: 'rotateKey',
    summary: 'Make a new active version; the one before opens what is not sealed anew yet',
    tag: 'keys',
    access: { kind: 'tenant', capability: 'keys.write' },
    audit: { action: 'key.rotate', targetType: 'encryption_key' },
    input: { params: purposePath },
    reply: { status: 201, schema: key, description: 'The new version' },
    handle: async ({ params, context }) => {
      const tenantId = context.tenantId ?? ''
      return forTenant(tenantId, async (tx) => shown(await rotateKey(tx, tenantId, params.purpose)))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/keys/credentials/reseal',
    id: 'resealCredentials',
    summary: 'Seal secrets of integrations anew under the active key; repeat until none was left',
    tag: 'keys',
    access: { kind: 'tenant', capability: 'keys.write' },
    audit: { action: 'key.reseal', targetType: 'encryption_key' },
    input: {},
    reply: {
      status: 200,
      schema: z.object({ resealed: z.int() }),
      description: 'How many were sealed anew',
    },
    handle: async ({ context }) => {
      const tenantId = context.tenantId ?? ''
      return forTenant(tenantId, async (tx) => ({
        resealed: await resealCredentials(tx, tenantId),
      }))
    },
  }),
  stateRoute('disable', 'Disable a version: what it sealed cannot be opened until it is enabled'),
  stateRoute('enable', 'Enable a disabled version'),
  defineRoute({
    method: 'POST',
    path: '/keys/{keyId}/destroy',
    id: 'destroyKey',
    summary: 'Destroy a version for good: what it sealed can be opened by nobody',
    tag: 'keys',
    access: { kind: 'tenant', capability: 'keys.write' },
    audit: { action: 'key.destroy', targetType: 'encryption_key', targetParam: 'keyId' },
    input: { params: keyPath, body: z.strictObject({ confirm: z.string().max(100) }) },
    reply: { status: 200, schema: key, description: 'The destroyed key' },
    handle: async ({ params, body, context }) =>
      forTenant(context.tenantId ?? '', async (tx) =>
        shown(found(await changeKey(tx, params.keyId, 'destroy', body.confirm))),
      ),
  }),
]
