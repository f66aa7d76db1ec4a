import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { appendToLedger } from './ledger-repository.js'
import type { LedgerEntry } from './ledger-repository.js'
import { ownRowsOf, unitOf } from './own-rows.js'
import {
  sessionOrders,
  expireOpenSessions,
  findSession,
  insertSessionOf,
  listSessions,
  lockAssignment,
  readAttempts,
} from './session-repository.js'
import type { StartableAssignment } from './session-repository.js'
import { forCandidates, readContent, shownQuestion } from './version-content.js'

const session = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  assignmentId: z.uuid(),
  userId: z.nullable(z.uuid()),
  attempt: z.int(),
  state: z.enum(['open', 'finished', 'expired']),
  startedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  finishedAt: z.nullable(z.iso.datetime()),
})
/** The questions without right answers; null for auditors. */
const sessionDetail = session.extend({ questions: z.nullable(z.array(shownQuestion)) })

function refuseUnlessStartable(assignment: StartableAssignment): void {
  const { status, isOpen, versionState } = assignment
  if (status === 'submitted' || status === 'cancelled') {
    throw new ApiProblem('CONFLICT', 'the assignment is closed')
  }
  if (!isOpen) throw new ApiProblem('CONFLICT', 'the assignment is not open at this time')
  if (versionState !== 'published') throw new ApiProblem('CONFLICT', 'the version is withdrawn')
}

/** Sittings. */
export const sessionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/evaluation-sessions',
    id: 'listEvaluationSessions',
    summary: 'Own sessions, or all of the org units in scope for those who supervise',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: {
      query: z.strictObject({ ...sortedQuery(sessionOrders), assignmentId: z.uuid().optional() }),
    },
    reply: { status: 200, schema: pageOf(session), description: 'A page of sessions' },
    handle: async ({ tx, query, context }) => {
      const filter = { ...query, ownerId: ownRowsOf(context), unitId: unitOf(context) }
      const page = readPage(sessionOrders, query)
      const rows = await listSessions(tx, context.mode, filter, page)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/evaluation-sessions/{sessionId}',
    id: 'getEvaluationSession',
    summary: 'One session with its questions',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: { params: z.strictObject({ sessionId: z.uuid() }) },
    reply: { status: 200, schema: sessionDetail, description: 'The session' },
    handle: async ({ tx, params: { sessionId: id }, context }) => {
      const row = found(await findSession(tx, context.mode, id, ownRowsOf(context)))
      const questions = row.content === null ? null : forCandidates(readContent(row.content))
      return { ...jsonRow(row), questions }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/assignments/{assignmentId}/sessions',
    id: 'startEvaluationSession',
    summary: 'Start the next session of an own assignment',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.take' },
    audit: { action: 'evaluation_session.start', targetType: 'evaluation_session' },
    input: { params: z.strictObject({ assignmentId: z.uuid() }) },
    reply: { status: 201, schema: sessionDetail, description: 'The session, open' },
    handle: async ({ tx, params: { assignmentId }, context }) => {
      const assignment = found(await lockAssignment(tx, assignmentId, ownRowsOf(context)))
      const { orgUnitId, maxAttempts } = assignment
      if (assignment.assigneeId !== context.userId) {
        throw new ApiProblem('CONFLICT', 'the assignment is of somebody else')
      }
      refuseUnlessStartable(assignment)
      const content = readContent(assignment.content)
      const { count, hasOpen } = await readAttempts(tx, assignmentId)
      if (hasOpen) throw new ApiProblem('CONFLICT', 'a session of the assignment is open')
      if (count >= maxAttempts) throw new ApiProblem('CONFLICT', 'there is no attempt left')
      const expired = await expireOpenSessions(tx, assignmentId)
      const { timeLimitMinutes } = content
      const row = found(await insertSessionOf(tx, assignmentId, count + 1, timeLimitMinutes))
      await appendToLedger(
        tx,
        context.userId,
        ...expired.map((subjectId): LedgerEntry => ({
          kind: 'session.expired',
          orgUnitId,
          subjectId,
          payload: {},
        })),
        {
          kind: 'session.started',
          orgUnitId,
          subjectId: row.id,
          payload: { assignmentId, attempt: row.attempt },
        },
      )
      return { ...jsonRow(row), questions: forCandidates(content) }
    },
  }),
]
