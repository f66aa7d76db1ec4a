import { z } from 'zod'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import {
  decideArchiveRequest,
  holdArchiveRequest,
  insertArchiveRequest,
  archiveRequestOrders,
  listArchiveRequests,
  listArchiveRequestsOfAll,
  ownArchiveRequestOrders,
  tenantName,
} from './archive-request-repository.js'
import type { ArchiveRequestRow, PlatformArchiveRequestRow } from './archive-request-repository.js'
import { archive, holdTenant, restore } from './tenant-repository.js'
import { reason, requireName, shownDetail, tenantDetail, typedName } from './tenant-schema.js'

const status = z.enum(['pending', 'approved', 'rejected'])

const archiveRequest = z.object({
  id: z.uuid(),
  reason: z.string(),
  requestedBy: z.uuid(),
  status,
  decidedAt: z.nullable(z.iso.datetime()),
  decisionNote: z.nullable(z.string()),
  createdAt: z.iso.datetime(),
})

const platformArchiveRequest = archiveRequest.extend({
  tenantId: z.uuid(),
  tenantName: z.string(),
  requesterEmail: z.string(),
  decidedBy: z.nullable(z.uuid()),
})

const tenantPath = z.strictObject({ tenantId: z.uuid() })
const requestPath = z.strictObject({ tenantId: z.uuid(), archiveRequestId: z.uuid() })

function shown(row: ArchiveRequestRow): z.input<typeof archiveRequest> {
  return {
    id: row.id,
    reason: row.reason,
    requestedBy: row.requested_by,
    status: row.status,
    decidedAt: row.decided_at?.toISOString() ?? null,
    decisionNote: row.decision_note,
    createdAt: row.created_at.toISOString(),
  }
}

function shownToStaff(row: PlatformArchiveRequestRow): z.input<typeof platformArchiveRequest> {
  return {
    ...shown(row),
    tenantId: row.tenant_id,
    tenantName: row.tenant_name,
    requesterEmail: row.requester_email,
    decidedBy: row.decided_by,
  }
}

/** Archives the tenant of the step, and answers with it. */
async function archived(
  tx: Transaction,
  tenantId: string,
  why: string,
): Promise<z.input<typeof tenantDetail>> {
  if (!(await archive(tx, tenantId, why))) {
    throw new ApiProblem('CONFLICT', 'the tenant is archived')
  }
  return shownDetail(found(await holdTenant(tx, tenantId)))
}

/** Decides a pending request of somebody else. */
async function decide(
  tx: Transaction,
  id: string,
  decision: { readonly status: 'approved' | 'rejected'; userId: string; note: string | null },
): Promise<ArchiveRequestRow> {
  const before = found(await holdArchiveRequest(tx, id))
  if (before.status !== 'pending') {
    throw new ApiProblem('CONFLICT', `the request is ${before.status}`)
  }
  if (before.requested_by === decision.userId) {
    throw new ApiProblem('CONFLICT', 'nobody decides a request of their own')
  }
  await decideArchiveRequest(tx, id, decision)
  return found(await holdArchiveRequest(tx, id))
}

/** Archiving tenants: at their own request or by platform staff. The database shows members nothing. */
export const archiveRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/archive-requests',
    id: 'listOwnArchiveRequests',
    summary: 'Requests that the tenant be archived, newest first',
    tag: 'organizations',
    access: { kind: 'tenant', capability: 'tenant.archive' },
    input: { query: z.strictObject(sortedQuery(ownArchiveRequestOrders)) },
    reply: { status: 200, schema: pageOf(archiveRequest), description: 'A page of requests' },
    handle: async ({ tx, query }) => {
      const rows = await listArchiveRequests(tx, readPage(ownArchiveRequestOrders, query))
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shown), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/archive-requests',
    id: 'requestArchive',
    summary: 'Ask that the whole tenant be archived; one request at a time',
    tag: 'organizations',
    access: { kind: 'tenant', capability: 'tenant.archive', asWorker: true },
    audit: { action: 'tenant.request_archive', targetType: 'archive_request' },
    input: { body: z.strictObject({ reason, confirm: typedName }) },
    reply: { status: 201, schema: archiveRequest, description: 'The pending request' },
    handle: async ({ tx, body, context }) => {
      const { tenantId, userId } = context
      if (tenantId === null || userId === null) throw new ApiProblem('NOT_FOUND', 'no such object')
      requireName(body.confirm, found(await tenantName(tx, tenantId)))
      const made = await insertArchiveRequest(tx, { tenantId, userId, reason: body.reason })
      if (made === undefined) throw new ApiProblem('CONFLICT', 'a request is pending already')
      return shown(made)
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/platform/archive-requests',
    id: 'listArchiveRequests',
    summary: 'Requests of tenants to be archived, newest first',
    tag: 'platform',
    access: { kind: 'platform' },
    input: {
      query: z.strictObject({ ...sortedQuery(archiveRequestOrders), status: status.optional() }),
    },
    reply: {
      status: 200,
      schema: pageOf(platformArchiveRequest),
      description: 'A page of requests',
    },
    handle: async ({ tx, query }) => {
      const filter = { status: query.status ?? null, ...readPage(archiveRequestOrders, query) }
      const { items, next } = toSortedPage(await listArchiveRequestsOfAll(tx, filter), query)
      return { items: items.map(shownToStaff), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/tenants/{tenantId}/archive-requests/{archiveRequestId}/approve',
    id: 'approveArchiveRequest',
    summary: 'Archive a tenant at its own request',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.archive', targetType: 'tenant', targetParam: 'tenantId' },
    input: { params: requestPath, body: z.strictObject({ note: reason.optional() }) },
    reply: { status: 200, schema: tenantDetail, description: 'The archived tenant' },
    handle: async ({ params: { tenantId, archiveRequestId: id }, body, context }) =>
      forTenant(tenantId, async (tx) => {
        found(await holdTenant(tx, tenantId))
        const userId = context.userId ?? ''
        const decision = { status: 'approved', userId, note: body.note ?? null } as const
        const request = await decide(tx, id, decision)
        return archived(tx, tenantId, request.reason)
      }),
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/tenants/{tenantId}/archive-requests/{archiveRequestId}/reject',
    id: 'rejectArchiveRequest',
    summary: 'Refuse to archive a tenant, saying why',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.reject_archive', targetType: 'tenant', targetParam: 'tenantId' },
    input: { params: requestPath, body: z.strictObject({ note: reason }) },
    reply: { status: 200, schema: archiveRequest, description: 'The rejected request' },
    handle: async ({ params: { tenantId, archiveRequestId: id }, body, context }) =>
      forTenant(tenantId, async (tx) => {
        const userId = context.userId ?? ''
        return shown(await decide(tx, id, { status: 'rejected', userId, note: body.note }))
      }),
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/tenants/{tenantId}/archive',
    id: 'archiveTenant',
    summary: 'Archive a tenant: the database shows its members nothing until it is restored',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.archive', targetType: 'tenant', targetParam: 'tenantId' },
    input: { params: tenantPath, body: z.strictObject({ reason, confirm: typedName }) },
    reply: { status: 200, schema: tenantDetail, description: 'The archived tenant' },
    handle: async ({ params: { tenantId }, body }) =>
      forTenant(tenantId, async (tx) => {
        const { name } = found(await holdTenant(tx, tenantId))
        requireName(body.confirm, name)
        return archived(tx, tenantId, body.reason)
      }),
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/tenants/{tenantId}/restore',
    id: 'restoreTenant',
    summary: 'Make an archived tenant active again; an erasure of it comes to nothing',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.restore', targetType: 'tenant', targetParam: 'tenantId' },
    input: { params: tenantPath },
    reply: { status: 200, schema: tenantDetail, description: 'The active tenant' },
    handle: async ({ params: { tenantId } }) =>
      forTenant(tenantId, async (tx) => {
        found(await holdTenant(tx, tenantId))
        if (!(await restore(tx, tenantId))) {
          throw new ApiProblem('CONFLICT', 'the tenant is not archived')
        }
        return shownDetail(found(await holdTenant(tx, tenantId)))
      }),
  }),
]
