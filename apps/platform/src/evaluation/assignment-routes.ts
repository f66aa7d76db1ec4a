import { z } from 'zod'
import { WatertightError } from 'watertight/errors'
import type { TenantContext } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { actorOf } from '../security/org-place.js'
import {
  assignmentOrders,
  canSeeOrgUnit,
  cancelAssignment,
  createAssignment,
  findAssignment,
  listAssignments,
  lockAssignable,
} from './assignment-repository.js'
import { appendToLedger } from './ledger-repository.js'
import { ownRowsOf, unitOf } from './own-rows.js'
import { expireOpenSessions } from './session-repository.js'

const assignment = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  evaluationId: z.uuid(),
  evaluationTitle: z.string(),
  versionId: z.uuid(),
  assigneeId: z.nullable(z.uuid()),
  assignedBy: z.uuid(),
  status: z.enum(['assigned', 'started', 'submitted', 'cancelled']),
  opensAt: z.iso.datetime(),
  closesAt: z.iso.datetime(),
  maxAttempts: z.int(),
  createdAt: z.iso.datetime(),
})

const assignmentPath = z.strictObject({ assignmentId: z.uuid() })
const earliest = Date.UTC(2000, 0)
const latest = Date.UTC(2200, 0)
/** Years of four digits, whatever the offset: others have a form of their own in replies. */
const time = z.iso.datetime({ offset: true }).refine((text) => {
  const at = Date.parse(text)
  return at >= earliest && at < latest
}, 'is out of range')

function invalid(pointer: string, detail: string): ApiProblem {
  const problem = 'the request does not fit the schema'
  return new ApiProblem('INVALID_REQUEST', problem, [{ pointer, detail }])
}

/**
 * Assignments of others are for who supervises, as the policies of their rows have it: an API key may
 * have `evaluations.write` without it.
 *
 * @throws FORBIDDEN
 */
function requireSupervision(context: TenantContext, assigneeId: string): void {
  const ownerId = ownRowsOf(context)
  if (ownerId === null || ownerId === assigneeId) return
  throw new WatertightError('FORBIDDEN', 'assigning to others needs evaluations.supervise as well')
}

/** Who has to take what. */
export const assignmentRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/assignments',
    id: 'listAssignments',
    summary: 'Own assignments, or all of the org units in scope for those who supervise',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: {
      query: z.strictObject({
        ...sortedQuery(assignmentOrders),
        assigneeId: z.uuid().optional(),
        versionId: z.uuid().optional(),
        status: assignment.shape.status.optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(assignment), description: 'A page of assignments' },
    handle: async ({ tx, query, context }) => {
      const filter = { ...query, ownerId: ownRowsOf(context), unitId: unitOf(context) }
      const page = readPage(assignmentOrders, query)
      const rows = await listAssignments(tx, context.mode, filter, page)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/assignments/{assignmentId}',
    id: 'getAssignment',
    summary: 'One assignment',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: { params: assignmentPath },
    reply: { status: 200, schema: assignment, description: 'The assignment' },
    handle: async ({ tx, params: { assignmentId: id }, context }) =>
      jsonRow(found(await findAssignment(tx, context.mode, id, ownRowsOf(context)))),
  }),
  defineRoute({
    method: 'POST',
    path: '/evaluation-versions/{versionId}/assignments',
    id: 'createAssignment',
    summary: 'Assign a published version to a member who sees its org unit',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.write', support: true },
    audit: { action: 'assignment.create', targetType: 'assignment' },
    input: {
      params: z.strictObject({ versionId: z.uuid() }),
      body: z.strictObject({
        assigneeId: z.uuid(),
        opensAt: time,
        closesAt: time,
        maxAttempts: z.int().min(1).max(10).default(1),
      }),
    },
    reply: { status: 201, schema: assignment, description: 'The assignment' },
    handle: async ({ tx, params: { versionId }, body, context }) => {
      if (Date.parse(body.closesAt) <= Date.parse(body.opensAt)) {
        throw invalid('/body/closesAt', 'must be later than opensAt')
      }
      const assignedBy = actorOf(context)
      requireSupervision(context, body.assigneeId)
      const { orgUnitId, isPublished, isArchived } = found(await lockAssignable(tx, versionId))
      if (!isPublished || isArchived) {
        throw new ApiProblem('CONFLICT', 'the version is not published, or archived')
      }
      if (!(await canSeeOrgUnit(tx, body.assigneeId, orgUnitId))) {
        throw invalid('/body/assigneeId', 'is nobody who can see the org unit')
      }
      const id = await createAssignment(tx, { ...body, versionId, assignedBy })
      if (id === undefined) throw new ApiProblem('CONFLICT', 'the version is assigned already')
      await appendToLedger(tx, assignedBy, {
        kind: 'assignment.created',
        orgUnitId,
        subjectId: id,
        payload: { versionId, assigneeId: body.assigneeId, maxAttempts: body.maxAttempts },
      })
      return jsonRow(found(await findAssignment(tx, context.mode, id, null)))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/assignments/{assignmentId}/cancel',
    id: 'cancelAssignment',
    summary: 'Cancel an assignment; an open session of it ends',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.write', support: true },
    audit: {
      action: 'assignment.cancel',
      targetType: 'assignment',
      targetParam: 'assignmentId',
    },
    input: { params: assignmentPath },
    reply: { status: 200, schema: assignment, description: 'The cancelled assignment' },
    handle: async ({ tx, params: { assignmentId: id }, context }) => {
      const cancelled = await cancelAssignment(tx, id)
      const row = found(await findAssignment(tx, context.mode, id, null))
      if (cancelled === undefined) {
        throw new ApiProblem('CONFLICT', 'the assignment is closed')
      }
      const ended = await expireOpenSessions(tx, id)
      const { orgUnitId } = row
      await appendToLedger(
        tx,
        context.userId,
        ...ended.map(
          (subjectId) => ({ kind: 'session.expired', orgUnitId, subjectId, payload: {} }) as const,
        ),
        { kind: 'assignment.cancelled', orgUnitId, subjectId: id, payload: {} },
      )
      return jsonRow(row)
    },
  }),
]
