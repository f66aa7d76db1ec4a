import { z } from 'zod'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import {
  ownRequestOrders,
  requestOrders,
  decideRequest,
  deleteRequest,
  findOwnRequest,
  findRequest,
  insertRequest,
  listOwnRequests,
  listRequests,
} from './organization-request-repository.js'
import type {
  OrganizationRequestRow,
  PlatformRequestRow,
} from './organization-request-repository.js'
import { setUpTenant } from './set-up-tenant.js'
import { readyTenant, reason, shownReady, slug } from './tenant-schema.js'

const status = z.enum(['pending', 'approved', 'rejected'])

const request = z.object({
  id: z.uuid(),
  organizationName: z.string(),
  slug: z.string(),
  message: z.nullable(z.string()),
  status,
  decidedAt: z.nullable(z.iso.datetime()),
  decisionNote: z.nullable(z.string()),
  createdAt: z.iso.datetime(),
})

const platformRequest = request.extend({
  requestedBy: z.uuid(),
  requesterEmail: z.string(),
  decidedBy: z.nullable(z.uuid()),
})

const requestPath = z.strictObject({ requestId: z.uuid() })

function shown(row: OrganizationRequestRow): z.input<typeof request> {
  return {
    id: row.id,
    organizationName: row.organization_name,
    slug: row.slug,
    message: row.message,
    status: row.status,
    decidedAt: row.decided_at?.toISOString() ?? null,
    decisionNote: row.decision_note,
    createdAt: row.created_at.toISOString(),
  }
}

function shownToStaff(row: PlatformRequestRow): z.input<typeof platformRequest> {
  return {
    ...shown(row),
    requestedBy: row.requested_by,
    requesterEmail: row.requester_email,
    decidedBy: row.decided_by,
  }
}

/** Decides the request, unless it was decided so before. */
async function decide(
  tx: Queryable,
  id: string,
  decision: 'approved' | 'rejected',
  note: string | null,
): Promise<PlatformRequestRow> {
  const before = found(await findRequest(tx, id))
  if (before.status === decision) return before
  if (before.status !== 'pending') {
    throw new ApiProblem('CONFLICT', `the request is ${before.status}`)
  }
  if (!(await decideRequest(tx, id, decision, note))) {
    throw new ApiProblem('CONFLICT', 'nobody decides a request of their own')
  }
  return found(await findRequest(tx, id))
}

/** Requests for new organisations: anybody asks, platform staff decide. */
export const organizationRequestRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/organization-requests',
    id: 'listOwnOrganizationRequests',
    summary: "The caller's own requests for organisations, newest first",
    tag: 'organizations',
    access: { kind: 'user' },
    input: { query: z.strictObject(sortedQuery(ownRequestOrders)) },
    reply: { status: 200, schema: pageOf(request), description: 'A page of requests' },
    handle: async ({ tx, query }) => {
      const rows = await listOwnRequests(tx, readPage(ownRequestOrders, query))
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shown), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/organization-requests',
    id: 'createOrganizationRequest',
    summary: 'Ask for an organisation; one request at a time',
    tag: 'organizations',
    access: { kind: 'user' },
    input: {
      body: z.strictObject({
        organizationName: z.string().trim().min(1).max(200),
        slug,
        message: z.string().max(2000).optional(),
      }),
    },
    reply: { status: 201, schema: request, description: 'The pending request' },
    handle: async ({ tx, body, context }) => {
      const { organizationName, message = null } = body
      const userId = context.userId ?? ''
      const made = await insertRequest(tx, { userId, organizationName, slug: body.slug, message })
      if (made === undefined) throw new ApiProblem('CONFLICT', 'a request is pending already')
      return shown(made)
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/organization-requests/{requestId}',
    id: 'withdrawOrganizationRequest',
    summary: 'Take a pending request back',
    tag: 'organizations',
    access: { kind: 'user' },
    input: { params: requestPath },
    reply: { status: 204, schema: z.null(), description: 'It is gone' },
    handle: async ({ tx, params }) => {
      if (await deleteRequest(tx, params.requestId)) return null
      found(await findOwnRequest(tx, params.requestId))
      throw new ApiProblem('CONFLICT', 'the request is decided')
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/platform/organization-requests',
    id: 'listOrganizationRequests',
    summary: 'Requests for organisations of everybody, newest first',
    tag: 'platform',
    access: { kind: 'platform' },
    input: { query: z.strictObject({ ...sortedQuery(requestOrders), status: status.optional() }) },
    reply: { status: 200, schema: pageOf(platformRequest), description: 'A page of requests' },
    handle: async ({ tx, query }) => {
      const filter = { status: query.status ?? null, ...readPage(requestOrders, query) }
      const { items, next } = toSortedPage(await listRequests(tx, filter), query)
      return { items: items.map(shownToStaff), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/organization-requests/{requestId}/approve',
    id: 'approveOrganizationRequest',
    summary: 'Approve a request and make its tenant; repeat it if that failed half-way',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.create', targetType: 'tenant' },
    revealsSecret: true,
    input: {
      params: requestPath,
      body: z.strictObject({
        note: reason.optional(),
        /** In place of the one asked for, when that is taken. */
        slug: slug.optional(),
      }),
    },
    reply: { status: 200, schema: readyTenant, description: 'The tenant, and the token once' },
    handle: async ({ tx, params, body, context }) => {
      const approved = await decide(tx, params.requestId, 'approved', body.note ?? null)
      // The tenant has the id of the request, so a second attempt makes no second tenant.
      const wanted = {
        id: approved.id,
        slug: body.slug ?? approved.slug,
        name: approved.organization_name,
        region: null,
        hasPublicPage: false,
        adminEmail: approved.requester_email,
        invitedBy: context.userId ?? '',
      }
      return forTenant(approved.id, async (job) => shownReady(await setUpTenant(job, wanted)))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/organization-requests/{requestId}/reject',
    id: 'rejectOrganizationRequest',
    summary: 'Reject a request, saying why',
    tag: 'platform',
    access: { kind: 'platform' },
    input: { params: requestPath, body: z.strictObject({ note: reason }) },
    reply: { status: 200, schema: platformRequest, description: 'The rejected request' },
    handle: async ({ tx, params, body }) =>
      shownToStaff(await decide(tx, params.requestId, 'rejected', body.note)),
  }),
]
