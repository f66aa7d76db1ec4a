import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { relationFor } from '../database/relation-for.js'
import { plainText } from '../security/fields.js'
import { actorOf } from '../security/org-place.js'
import {
  correctionOrders,
  decideCorrection,
  findCorrection,
  insertCorrection,
  listCorrections,
  sumOfCorrections,
} from './correction-repository.js'
import { appendToLedger } from './ledger-repository.js'
import { ownRowsOf } from './own-rows.js'
import { latestScore, lockSubmission } from './score-repository.js'
import { findSubmission } from './submission-repository.js'
import { roundPoints } from './version-content.js'

const correction = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  submissionId: z.uuid(),
  scoreVersion: z.int(),
  pointsDelta: z.number(),
  reason: z.string(),
  correctedBy: z.uuid(),
  correctedAt: z.iso.datetime(),
  state: z.enum(['proposed', 'approved', 'rejected']),
  decidedBy: z.nullable(z.uuid()),
})

const submissionPath = z.strictObject({ submissionId: z.uuid() })

function outOfRange(detail: string): ApiProblem {
  const errors = [{ pointer: '/body/pointsDelta', detail }]
  return new ApiProblem('INVALID_REQUEST', 'the correction does not fit the score', errors)
}

/** Additions to scores. Nothing is taken back: a second person approves or rejects. */
export const correctionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/submissions/{submissionId}/corrections',
    id: 'listCorrections',
    summary: 'Corrections of a submission, newest first',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: { params: submissionPath, query: z.strictObject(sortedQuery(correctionOrders)) },
    reply: { status: 200, schema: pageOf(correction), description: 'A page of corrections' },
    handle: async ({ tx, params: { submissionId }, query, context }) => {
      found(await findSubmission(tx, context.mode, submissionId, ownRowsOf(context)))
      const scores = relationFor(context.mode, 'eval.submission_score_versions')
      const page = readPage(correctionOrders, query)
      const rows = await listCorrections(tx, { scores, submissionId }, page)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/submissions/{submissionId}/corrections',
    id: 'correctResult',
    summary: 'Propose to add points to the score that counts, or to take some off',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.score' },
    audit: { action: 'result.correct', targetType: 'submission', targetParam: 'submissionId' },
    input: {
      params: submissionPath,
      body: z.strictObject({
        /** The version of the score that is corrected. */
        scoreVersion: z.int().min(1).max(100_000),
        pointsDelta: z.number().min(-999_999).max(999_999).multipleOf(0.01),
        reason: plainText(1000),
      }),
    },
    reply: { status: 201, schema: correction, description: 'The correction, not yet counted' },
    handle: async ({ tx, params: { submissionId }, body, context }) => {
      const correctedBy = actorOf(context)
      const { orgUnitId, submittedBy } = found(await lockSubmission(tx, submissionId))
      if (submittedBy === correctedBy) {
        throw new ApiProblem('CONFLICT', 'nobody corrects their own result')
      }
      const score = await latestScore(tx, submissionId)
      if (score === undefined || score.version !== body.scoreVersion) {
        throw new ApiProblem('CONFLICT', 'this is not the score that counts')
      }
      const { pointsDelta, reason } = body
      if (pointsDelta === 0) throw outOfRange('must not be 0')
      const corrected = score.points + (await sumOfCorrections(tx, score.id)) + pointsDelta
      if (roundPoints(corrected) < 0) throw outOfRange('leaves less than no points')
      if (roundPoints(corrected) > score.maxPoints) throw outOfRange('leaves more than all points')
      const change = { scoreVersionId: score.id, pointsDelta, reason, correctedBy }
      const id = found(await insertCorrection(tx, change))
      await appendToLedger(tx, correctedBy, {
        kind: 'correction.proposed',
        orgUnitId,
        subjectId: id,
        payload: { submissionId, scoreVersion: score.version, pointsDelta },
      })
      return jsonRow(found(await findCorrection(tx, id)))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/corrections/{correctionId}/decision',
    id: 'decideCorrection',
    summary: 'Approve or reject the correction of somebody else',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.score' },
    audit: { action: 'correction.decide', targetType: 'correction', targetParam: 'correctionId' },
    input: {
      params: z.strictObject({ correctionId: z.uuid() }),
      body: z.strictObject({
        outcome: z.enum(['approved', 'rejected']),
        note: plainText(1000).optional(),
      }),
    },
    reply: { status: 200, schema: correction, description: 'The decided correction' },
    handle: async ({ tx, params: { correctionId }, body, context }) => {
      const decidedBy = actorOf(context)
      const { submissionId } = found(await findCorrection(tx, correctionId))
      const submission = found(await lockSubmission(tx, submissionId))
      const proposed = found(await findCorrection(tx, correctionId))
      if ([proposed.correctedBy, submission.submittedBy].includes(decidedBy)) {
        throw new ApiProblem('CONFLICT', 'a second person decides, and not about their own result')
      }
      const { outcome, note = null } = body
      const isDecided = proposed.state !== 'proposed'
      if (isDecided || !(await decideCorrection(tx, { correctionId, outcome, decidedBy, note }))) {
        throw new ApiProblem('CONFLICT', 'the correction is decided')
      }
      await appendToLedger(tx, decidedBy, {
        kind: `correction.${outcome}`,
        orgUnitId: proposed.orgUnitId,
        subjectId: correctionId,
        payload: { submissionId, scoreVersion: proposed.scoreVersion },
      })
      return jsonRow({ ...proposed, state: outcome, decidedBy })
    },
  }),
]
