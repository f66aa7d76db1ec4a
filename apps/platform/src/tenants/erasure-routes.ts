import { z } from 'zod'
import { WatertightError } from 'watertight/errors'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import {
  decideErasure,
  erasureOrders,
  findErasure,
  findErasureRecord,
  listErasures,
  requestErasure,
} from './erasure-repository.js'
import type { DecisionOutcome, ErasureRow, RequestOutcome } from './erasure-repository.js'
import { nameDiffers, reason, typedName } from './tenant-schema.js'

const status = z.enum(['pending', 'approved', 'rejected', 'halted', 'erased'])

const erasure = z.object({
  id: z.uuid(),
  tenantId: z.uuid(),
  tenantName: z.string(),
  tenantSlug: z.string(),
  reason: z.string(),
  exportTaken: z.boolean(),
  status,
  requestedBy: z.uuid(),
  requestedAt: z.iso.datetime(),
  decidedBy: z.nullable(z.uuid()),
  decidedAt: z.nullable(z.iso.datetime()),
  decisionNote: z.nullable(z.string()),
  dueAt: z.nullable(z.iso.datetime()),
  attempts: z.int(),
  failure: z.nullable(z.string()),
  finishedAt: z.nullable(z.iso.datetime()),
  /** SHA-256 of the proof, as hexadecimal digits. */
  proofSha256: z.nullable(z.string()),
})

const erasureWithProof = erasure.extend({
  /** Who approved it, also when somebody has stopped it since. */
  approvedBy: z.nullable(z.uuid()),
  approvedAt: z.nullable(z.iso.datetime()),
  approvalNote: z.nullable(z.string()),
  /** When what was kept of the tenant outside of the database was gone as well. */
  filesRemovedAt: z.nullable(z.iso.datetime()),
  /** JSON, byte by byte as its digest has it. */
  proof: z.nullable(z.string()),
})

const erasurePath = z.strictObject({ erasureId: z.uuid() })

function shown(row: ErasureRow): z.input<typeof erasure> {
  return {
    id: row.id,
    tenantId: row.subject_id,
    tenantName: row.subject_name,
    tenantSlug: row.subject_slug,
    reason: row.reason,
    exportTaken: row.export_taken,
    status: row.status,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    decisionNote: row.decision_note,
    dueAt: row.due_at?.toISOString() ?? null,
    attempts: row.attempts,
    failure: row.failure,
    finishedAt: row.finished_at?.toISOString() ?? null,
    proofSha256: row.proof_sha256?.toString('hex') ?? null,
  }
}

/** Ends the request with what stands against it. */
function refuse(
  outcome: Exclude<RequestOutcome | DecisionOutcome, 'requested' | 'decided'>,
): never {
  switch (outcome) {
    case 'unknown':
      throw new ApiProblem('NOT_FOUND', 'no such object')
    case 'not_archived':
      throw new ApiProblem('CONFLICT', 'the tenant is not archived')
    case 'open':
      throw new ApiProblem('CONFLICT', 'an erasure of the tenant is under way')
    case 'not_open':
      throw new ApiProblem('CONFLICT', 'the erasure is decided')
    case 'own':
      throw new ApiProblem('CONFLICT', 'nobody approves an erasure of their own')
    case 'name_differs':
      throw nameDiffers()
    case 'held':
      throw new WatertightError('LEGAL_HOLD', 'the tenant is under legal hold', {
        hint: 'Nothing of it may be erased until the hold is released.',
      })
  }
}

/** Erasing archived tenants: one of staff asks, another agrees, the eraser does it, the proof stays. */
export const erasureRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/platform/erasures',
    id: 'listErasures',
    summary: 'Erasures of tenants, newest first',
    tag: 'platform',
    access: { kind: 'platform' },
    input: { query: z.strictObject({ ...sortedQuery(erasureOrders), status: status.optional() }) },
    reply: { status: 200, schema: pageOf(erasure), description: 'A page of erasures' },
    handle: async ({ tx, query }) => {
      const filter = { status: query.status ?? null, ...readPage(erasureOrders, query) }
      const { items, next } = toSortedPage(await listErasures(tx, filter), query)
      return { items: items.map(shown), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/platform/erasures/{erasureId}',
    id: 'getErasure',
    summary: 'An erasure, with the proof of it once it is done',
    tag: 'platform',
    access: { kind: 'platform' },
    input: { params: erasurePath },
    reply: { status: 200, schema: erasureWithProof, description: 'The erasure' },
    handle: async ({ tx, params }) => {
      const row = found(await findErasure(tx, params.erasureId))
      const record = found(await findErasureRecord(tx, params.erasureId))
      return {
        ...shown(row),
        approvedBy: record.approved_by,
        approvedAt: record.approved_at?.toISOString() ?? null,
        approvalNote: record.approval_note,
        filesRemovedAt: record.files_removed_at?.toISOString() ?? null,
        proof: row.proof,
      }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/tenants/{tenantId}/erasures',
    id: 'requestErasure',
    summary: 'Ask that an archived tenant be erased; a second person has to agree',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.request_erasure', targetType: 'tenant', targetParam: 'tenantId' },
    input: {
      params: z.strictObject({ tenantId: z.uuid() }),
      body: z.strictObject({
        reason,
        confirm: typedName,
        /** Whether the tenant has its data, or has said that it wants none. */
        exportTaken: z.boolean(),
      }),
    },
    reply: { status: 201, schema: erasure, description: 'The pending erasure' },
    handle: async ({ tx, params: { tenantId }, body }) => {
      const { outcome, erasureId } = await requestErasure(tx, { tenantId, ...body })
      if (outcome !== 'requested') refuse(outcome)
      const made = shown(found(await findErasure(tx, erasureId ?? '')))
      // For the log of the tenant, which goes with it; what was asked stays.
      return forTenant(tenantId, () => Promise.resolve(made))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/erasures/{erasureId}/approve',
    id: 'approveErasure',
    summary:
      'Agree to an erasure that somebody else asked for; it can be stopped for a quarter of an hour',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.approve_erasure', targetType: 'erasure', targetParam: 'erasureId' },
    input: {
      params: erasurePath,
      body: z.strictObject({ confirm: typedName, note: reason.optional() }),
    },
    reply: { status: 200, schema: erasure, description: 'The approved erasure' },
    handle: async ({ tx, params: { erasureId }, body }) => {
      const decision = { isApproved: true, confirm: body.confirm, note: body.note ?? null }
      const outcome = await decideErasure(tx, erasureId, decision)
      if (outcome !== 'decided') refuse(outcome)
      const approved = shown(found(await findErasure(tx, erasureId)))
      return forTenant(approved.tenantId, () => Promise.resolve(approved))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/platform/erasures/{erasureId}/reject',
    id: 'rejectErasure',
    summary: 'Stop an erasure that is not done, saying why',
    tag: 'platform',
    access: { kind: 'platform' },
    audit: { action: 'tenant.reject_erasure', targetType: 'erasure', targetParam: 'erasureId' },
    input: { params: erasurePath, body: z.strictObject({ note: reason }) },
    reply: { status: 200, schema: erasure, description: 'The stopped erasure' },
    handle: async ({ tx, params: { erasureId }, body }) => {
      const decision = { isApproved: false, confirm: null, note: body.note }
      const outcome = await decideErasure(tx, erasureId, decision)
      if (outcome !== 'decided') refuse(outcome)
      const stopped = shown(found(await findErasure(tx, erasureId)))
      return forTenant(stopped.tenantId, () => Promise.resolve(stopped))
    },
  }),
]
