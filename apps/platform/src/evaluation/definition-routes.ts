import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf, searchText } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { plainText } from '../security/fields.js'
import { actorOf, placeOf } from '../security/org-place.js'
import {
  evaluationOrders,
  archiveEvaluation,
  changeEvaluation,
  createEvaluation,
  findEvaluation,
  listEvaluations,
} from './evaluation-repository.js'
import type { EvaluationRow } from './evaluation-repository.js'
import { appendToLedger } from './ledger-repository.js'
import { unitOf } from './own-rows.js'

const evaluation = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  slug: z.string(),
  title: z.string(),
  kind: z.enum(['exam', 'survey', 'assessment']),
  passRatio: z.number(),
  createdBy: z.uuid(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  archivedAt: z.nullable(z.iso.datetime()),
})

const evaluationPath = z.strictObject({ evaluationId: z.uuid() })
const slug = z.string().regex(/^(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*$/, 'is no slug')
const passRatio = z.number().min(0).max(1).multipleOf(0.001)

/** Changes that find the evaluation archived. */
async function live(
  changed: EvaluationRow | undefined,
  find: () => Promise<EvaluationRow | undefined>,
): Promise<EvaluationRow> {
  if (changed !== undefined) return changed
  found(await find())
  throw new ApiProblem('CONFLICT', 'the evaluation is archived')
}

/** Exams, surveys and assessments, apart from their content. */
export const definitionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/evaluations',
    id: 'listEvaluations',
    summary: 'Evaluations of the org units in scope, newest first',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: {
      query: z.strictObject({
        ...sortedQuery(evaluationOrders),
        orgUnitId: z.uuid().optional(),
        kind: evaluation.shape.kind.optional(),
        archived: z.stringbool().default(false),
        /** Part of the title. */
        search: searchText.optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(evaluation), description: 'A page of evaluations' },
    handle: async ({ tx, query, context }) => {
      const filter = { ...query, unitId: unitOf(context) }
      const rows = await listEvaluations(tx, filter, readPage(evaluationOrders, query))
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/evaluations',
    id: 'createEvaluation',
    summary: 'Create an evaluation in an org unit',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.write', support: true },
    audit: { action: 'evaluation.create', targetType: 'evaluation' },
    input: {
      body: z.strictObject({
        orgUnitId: z.uuid().optional(),
        slug,
        title: plainText(200),
        kind: evaluation.shape.kind,
        passRatio: passRatio.default(0.5),
      }),
    },
    reply: { status: 201, schema: evaluation, description: 'The evaluation' },
    handle: async ({ tx, body, context }) => {
      const createdBy = actorOf(context)
      const orgUnitId = await placeOf(tx, context, body.orgUnitId)
      const row = await createEvaluation(tx, { ...body, orgUnitId, createdBy })
      if (row === undefined) {
        throw new ApiProblem('CONFLICT', 'an evaluation of the org unit has this slug')
      }
      await appendToLedger(tx, createdBy, {
        kind: 'evaluation.created',
        orgUnitId,
        subjectId: row.id,
        payload: { kind: row.kind, slug: row.slug },
      })
      return jsonRow(row)
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/evaluations/{evaluationId}',
    id: 'getEvaluation',
    summary: 'One evaluation',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: { params: evaluationPath },
    reply: { status: 200, schema: evaluation, description: 'The evaluation' },
    handle: async ({ tx, params }) => jsonRow(found(await findEvaluation(tx, params.evaluationId))),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/evaluations/{evaluationId}',
    id: 'changeEvaluation',
    summary: 'Change the title or the ratio to pass',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.write', support: true },
    audit: {
      action: 'evaluation.change',
      targetType: 'evaluation',
      targetParam: 'evaluationId',
    },
    input: {
      params: evaluationPath,
      body: z.strictObject({ title: plainText(200).optional(), passRatio: passRatio.optional() }),
    },
    reply: { status: 200, schema: evaluation, description: 'The changed evaluation' },
    handle: async ({ tx, params: { evaluationId: id }, body, context }) => {
      const row = await live(await changeEvaluation(tx, id, body), () => findEvaluation(tx, id))
      await appendToLedger(tx, context.userId, {
        kind: 'evaluation.changed',
        orgUnitId: row.orgUnitId,
        subjectId: id,
        payload: body,
      })
      return jsonRow(row)
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/evaluations/{evaluationId}/archive',
    id: 'archiveEvaluation',
    summary: 'Archive an evaluation: nothing new can be assigned of it',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.write', support: true },
    audit: {
      action: 'evaluation.archive',
      targetType: 'evaluation',
      targetParam: 'evaluationId',
    },
    input: { params: evaluationPath },
    reply: { status: 200, schema: evaluation, description: 'The archived evaluation' },
    handle: async ({ tx, params: { evaluationId: id }, context }) => {
      const row = await live(await archiveEvaluation(tx, id), () => findEvaluation(tx, id))
      await appendToLedger(tx, context.userId, {
        kind: 'evaluation.archived',
        orgUnitId: row.orgUnitId,
        subjectId: id,
        payload: {},
      })
      return jsonRow(row)
    },
  }),
]
