import { z } from 'zod'
import { found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import { decideRequest } from './decide-request.js'
import {
  grantRequestOrders,
  findTenant,
  insertGrantRequest,
  listGrantRequests,
} from './grant-request-repository.js'
import { grantRequest, requireWindow, shownRequest, wantedWindow } from './grant-schema.js'

const tag = 'access grants'
const requestPath = z.strictObject({ requestId: z.uuid() })
const decisionBody = z.strictObject({ note: z.string().trim().min(1).max(1000).optional() })

/** Asking for access to a tenant, and deciding on it. */
export const grantRequestRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/access-grant-requests',
    id: 'listAccessGrantRequests',
    summary: 'Requests for access to the tenant, newest first',
    tag,
    access: { kind: 'tenant', capability: 'access_grants.read', auditor: true, support: true },
    input: {
      query: z.strictObject({
        ...sortedQuery(grantRequestOrders),
        status: grantRequest.shape.status.optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(grantRequest), description: 'A page of requests' },
    handle: async ({ tx, query }) => {
      const filter = { ...readPage(grantRequestOrders, query), status: query.status ?? null }
      const rows = await listGrantRequests(tx, filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shownRequest), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/access-grant-requests',
    id: 'requestAuditorAccess',
    summary: 'Ask for a window in which an auditor may read the tenant, redacted',
    tag,
    access: { kind: 'tenant', capability: 'access_grants.write' },
    audit: { action: 'access_grant.request', targetType: 'access_grant_request' },
    input: { body: z.strictObject({ granteeId: z.uuid(), ...wantedWindow }) },
    reply: { status: 201, schema: grantRequest, description: 'The request, to be decided' },
    handle: async ({ tx, body, context }) => {
      requireWindow(body, false)
      const { tenantId, userId: requestedBy } = callerOf(context)
      const wanted = { ...body, tenantId, requestedBy, mode: 'auditor', canWrite: false } as const
      return shownRequest(await insertGrantRequest(tx, wanted))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/access-grant-requests/{requestId}/approve',
    id: 'approveAccessGrantRequest',
    summary: 'Let in whom somebody else asked for',
    tag,
    access: { kind: 'tenant', capability: 'access_grants.write', asWorker: true },
    audit: {
      action: 'access_grant.approve',
      targetType: 'access_grant_request',
      targetParam: 'requestId',
    },
    input: { params: requestPath, body: decisionBody },
    reply: { status: 200, schema: grantRequest, description: 'The request with its grant' },
    handle: async ({ tx, params, body, context }) => {
      const { userId: decidedBy } = callerOf(context)
      const { requestId } = params
      const decision = { requestId, decidedBy, note: body.note ?? null, approve: true }
      return shownRequest(await decideRequest(tx, decision))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/access-grant-requests/{requestId}/reject',
    id: 'rejectAccessGrantRequest',
    summary: 'Refuse a request of somebody else',
    tag,
    access: { kind: 'tenant', capability: 'access_grants.write', asWorker: true },
    audit: {
      action: 'access_grant.reject',
      targetType: 'access_grant_request',
      targetParam: 'requestId',
    },
    input: { params: requestPath, body: decisionBody },
    reply: { status: 200, schema: grantRequest, description: 'The rejected request' },
    handle: async ({ tx, params, body, context }) => {
      const { userId: decidedBy } = callerOf(context)
      const { requestId } = params
      const decision = { requestId, decidedBy, note: body.note ?? null, approve: false }
      return shownRequest(await decideRequest(tx, decision))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/access-grant-requests',
    id: 'requestSupportAccess',
    summary: 'Ask a tenant to let oneself in, as platform staff',
    tag,
    access: { kind: 'platform' },
    audit: { action: 'access_grant.request', targetType: 'access_grant_request' },
    input: {
      body: z.strictObject({
        tenantId: z.uuid(),
        canWrite: z.boolean().default(false),
        ...wantedWindow,
      }),
    },
    reply: { status: 201, schema: grantRequest, description: 'The request, to be decided' },
    handle: ({ body, context }) => {
      requireWindow(body, body.canWrite)
      const requestedBy = context.userId ?? ''
      const wanted = { ...body, mode: 'platform', granteeId: requestedBy, requestedBy } as const
      // In the tenant's name, since staff without a grant cannot write there, nor read it.
      const step = forTenant(body.tenantId, async (tx) => {
        found(await findTenant(tx, body.tenantId))
        return shownRequest(await insertGrantRequest(tx, wanted))
      })
      return Promise.resolve(step)
    },
  }),
]

/** Tenant and user of a caller who has both. */
function callerOf(context: { readonly tenantId: string | null; readonly userId: string | null }): {
  readonly tenantId: string
  readonly userId: string
} {
  const { tenantId, userId } = context
  if (tenantId === null || userId === null) throw new Error('the route needs a tenant and a user')
  return { tenantId, userId }
}
