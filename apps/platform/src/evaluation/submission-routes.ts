import { z } from 'zod'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { plainText } from '../security/fields.js'
import { automaticPoints, checkAnswers, handedIn, openQuestions, totalOf } from './answers.js'
import type { Answer } from './answers.js'
import { appendToLedger } from './ledger-repository.js'
import type { LedgerEntry } from './ledger-repository.js'
import { ownRowsOf, unitOf } from './own-rows.js'
import { insertScore } from './score-repository.js'
import {
  submissionOrders,
  findSubmission,
  handIn,
  listSubmissions,
  lockSession,
  readAnswers,
} from './submission-repository.js'
import type { SubmissionRow } from './submission-repository.js'
import { maxPointsOf, readContent } from './version-content.js'
import type { VersionContent } from './version-content.js'

const submission = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  sessionId: z.uuid(),
  submittedBy: z.nullable(z.uuid()),
  submittedAt: z.iso.datetime(),
  answersSha256: z.string(),
  comment: z.nullable(z.string()),
})
/** The answers; null for auditors. */
const submissionDetail = submission.extend({
  answers: z.nullable(z.array(z.object({ question: z.string(), answer: z.unknown() }))),
})

/** The first score of a submission in which nothing has to be read; null when something has to. */
async function scoreAtOnce(
  db: Queryable,
  row: SubmissionRow,
  content: VersionContent,
  answers: readonly Answer[],
): Promise<LedgerEntry | null> {
  if (openQuestions(content, answers).length > 0) return null
  const breakdown = automaticPoints(content, answers)
  const { id, version, points, maxPoints } = await insertScore(db, {
    orgUnitId: row.orgUnitId,
    submissionId: row.id,
    version: 1,
    points: totalOf(breakdown),
    maxPoints: maxPointsOf(content),
    breakdown,
    scoredBy: null,
  })
  return {
    kind: 'score.recorded',
    orgUnitId: row.orgUnitId,
    subjectId: id,
    payload: { submissionId: row.id, version, points, maxPoints, automatic: true },
  }
}

/** What was handed in. */
export const submissionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/submissions',
    id: 'listSubmissions',
    summary: 'Own submissions, or all of the org units in scope for those who supervise',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: {
      query: z.strictObject({ ...sortedQuery(submissionOrders), sessionId: z.uuid().optional() }),
    },
    reply: { status: 200, schema: pageOf(submission), description: 'A page of submissions' },
    handle: async ({ tx, query, context }) => {
      const filter = { ...query, ownerId: ownRowsOf(context), unitId: unitOf(context) }
      const page = readPage(submissionOrders, query)
      const rows = await listSubmissions(tx, context.mode, filter, page)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/submissions/{submissionId}',
    id: 'getSubmission',
    summary: 'One submission with its answers',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: { params: z.strictObject({ submissionId: z.uuid() }) },
    reply: { status: 200, schema: submissionDetail, description: 'The submission' },
    handle: async ({ tx, params: { submissionId: id }, context }) => {
      const row = found(await findSubmission(tx, context.mode, id, ownRowsOf(context)))
      const answers = context.mode === 'auditor' ? null : [...(await readAnswers(tx, id))]
      return { ...jsonRow(row), answers }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/evaluation-sessions/{sessionId}/submission',
    id: 'submitEvaluationSession',
    summary: 'Hand in the answers of an own session, once and in time',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.take' },
    audit: { action: 'submission.create', targetType: 'submission' },
    input: {
      params: z.strictObject({ sessionId: z.uuid() }),
      body: z.strictObject({ answers: handedIn, comment: plainText(2000).optional() }),
    },
    reply: { status: 201, schema: submissionDetail, description: 'The submission' },
    handle: async ({ tx, params: { sessionId }, body, context }) => {
      const session = found(await lockSession(tx, sessionId, ownRowsOf(context)))
      if (session.userId !== context.userId) {
        throw new ApiProblem('CONFLICT', 'the session is of somebody else')
      }
      if (session.state !== 'open') throw new ApiProblem('CONFLICT', 'the session is over')
      if (session.isOver) throw new ApiProblem('CONFLICT', 'the time of the session is over')
      const content = readContent(session.content)
      const answers = checkAnswers(content, body.answers)
      const row = found(await handIn(tx, sessionId, answers, body.comment ?? null))
      const scored = await scoreAtOnce(tx, row, content, answers)
      await appendToLedger(
        tx,
        context.userId,
        {
          kind: 'submission.received',
          orgUnitId: row.orgUnitId,
          subjectId: row.id,
          payload: { sessionId, answersSha256: row.answersSha256 },
        },
        ...(scored === null ? [] : [scored]),
      )
      return { ...jsonRow(row), answers: [...answers] }
    },
  }),
]
