import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { actorOf } from '../security/org-place.js'
import { totalOf } from './answers.js'
import { appendToLedger } from './ledger-repository.js'
import { ownRowsOf } from './own-rows.js'
import { insertScore, latestScore, listScores, lockSubmission } from './score-repository.js'
import { scoreOf } from './score-submission.js'
import { findSubmission, readAnswers } from './submission-repository.js'
import { maxPointsOf, points, questionKey, readContent } from './version-content.js'

const score = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  submissionId: z.uuid(),
  version: z.int(),
  points: z.number(),
  maxPoints: z.number(),
  breakdown: z.nullable(z.record(z.string(), z.number())),
  scoredBy: z.nullable(z.uuid()),
  scoredAt: z.iso.datetime(),
})

const submissionPath = z.strictObject({ submissionId: z.uuid() })

/** Points for submissions; each score stays, the highest version counts. */
export const scoreRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/submissions/{submissionId}/scores',
    id: 'listScores',
    summary: 'Scores of a submission, the one that counts first',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: { params: submissionPath },
    reply: {
      status: 200,
      schema: z.object({ items: z.array(score) }),
      description: 'The latest scores',
    },
    handle: async ({ tx, params: { submissionId: id }, context }) => {
      found(await findSubmission(tx, context.mode, id, ownRowsOf(context)))
      return { items: (await listScores(tx, context.mode, id)).map(jsonRow) }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/submissions/{submissionId}/scores',
    id: 'scoreSubmission',
    summary: 'Score the texts of a submission; choices are scored by their right answers',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.score' },
    audit: { action: 'submission.score', targetType: 'submission', targetParam: 'submissionId' },
    input: {
      params: submissionPath,
      body: z.strictObject({
        points: z.array(z.strictObject({ question: questionKey, points })).max(200),
        /** The latest version that the scorer has seen; 0 for none. */
        afterVersion: z.int().min(0).max(100_000),
      }),
    },
    reply: { status: 201, schema: score, description: 'The score that counts now' },
    handle: async ({ tx, params: { submissionId: id }, body, context }) => {
      const scoredBy = actorOf(context)
      const submission = found(await lockSubmission(tx, id))
      const { orgUnitId } = submission
      if (submission.submittedBy === scoredBy) {
        throw new ApiProblem('CONFLICT', 'nobody scores their own submission')
      }
      const latest = (await latestScore(tx, id))?.version ?? 0
      if (latest !== body.afterVersion) {
        throw new ApiProblem('CONFLICT', 'the submission was scored in the meantime')
      }
      const content = readContent(submission.content)
      const breakdown = scoreOf(content, await readAnswers(tx, id), body.points)
      const row = await insertScore(tx, {
        orgUnitId,
        submissionId: id,
        version: latest + 1,
        points: totalOf(breakdown),
        maxPoints: maxPointsOf(content),
        breakdown,
        scoredBy,
      })
      const { version, points: total, maxPoints } = row
      await appendToLedger(tx, scoredBy, {
        kind: 'score.recorded',
        orgUnitId,
        subjectId: row.id,
        payload: { submissionId: id, version, points: total, maxPoints, automatic: false },
      })
      return jsonRow(row)
    },
  }),
]
