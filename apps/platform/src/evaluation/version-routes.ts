import { z } from 'zod'
import type { TenantContext } from 'watertight/runtime'
import type { Queryable } from 'watertight/sql'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { actorOf } from '../security/org-place.js'
import { findEvaluation } from './evaluation-repository.js'
import { appendToLedger } from './ledger-repository.js'
import type { LedgerKind } from './ledger-repository.js'
import { ownRowsOf } from './own-rows.js'
import { readContent, versionContent } from './version-content.js'
import {
  versionOrders,
  changeDraft,
  draftVersion,
  findVersion,
  listVersions,
  publishVersion,
  withdrawVersion,
} from './version-repository.js'
import type { VersionDetail } from './version-repository.js'

const version = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  evaluationId: z.uuid(),
  version: z.int(),
  state: z.enum(['draft', 'published', 'withdrawn']),
  maxPoints: z.number(),
  contentSha256: z.string(),
  createdAt: z.iso.datetime(),
  publishedBy: z.nullable(z.uuid()),
  publishedAt: z.nullable(z.iso.datetime()),
})
/** The questions with their right answers; null for members who may have to answer them. */
const versionDetail = version.extend({ content: z.nullable(z.unknown()) })

const evaluationPath = z.strictObject({ evaluationId: z.uuid() })
const versionPath = z.strictObject({ versionId: z.uuid() })
const contentBody = z.strictObject({ content: versionContent })
const audited = { targetType: 'evaluation_version', targetParam: 'versionId' }
const written = { kind: 'tenant', capability: 'evaluations.write', support: true } as const

function seesContent(context: TenantContext): boolean {
  return ownRowsOf(context) === null
}

async function record(
  db: Queryable,
  context: TenantContext,
  kind: LedgerKind,
  row: VersionDetail,
): Promise<z.input<typeof versionDetail>> {
  await appendToLedger(db, context.userId, {
    kind,
    orgUnitId: row.orgUnitId,
    subjectId: row.id,
    payload: {
      evaluationId: row.evaluationId,
      version: row.version,
      contentSha256: row.contentSha256,
    },
  })
  return jsonRow(row)
}

/** Why a change found no version in the state that it needs. */
async function refuse(
  db: Queryable,
  context: TenantContext,
  id: string,
  detail: string,
): Promise<never> {
  found(await findVersion(db, context.mode, { id, withDrafts: true }))
  throw new ApiProblem('CONFLICT', detail)
}

/** What evaluations ask, version by version. */
export const versionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/evaluations/{evaluationId}/versions',
    id: 'listEvaluationVersions',
    summary: 'Versions of an evaluation, newest first; drafts for those who see all rows',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: { params: evaluationPath, query: z.strictObject(sortedQuery(versionOrders)) },
    reply: { status: 200, schema: pageOf(version), description: 'A page of versions' },
    handle: async ({ tx, params: { evaluationId }, query, context }) => {
      found(await findEvaluation(tx, evaluationId))
      const filter = { evaluationId, withDrafts: seesContent(context) }
      const page = readPage(versionOrders, query)
      const rows = await listVersions(tx, context.mode, filter, page)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/evaluations/{evaluationId}/versions',
    id: 'draftEvaluationVersion',
    summary: 'Start the next version as a draft',
    tag: 'evaluation',
    access: written,
    audit: { action: 'evaluation_version.draft', targetType: 'evaluation_version' },
    input: { params: evaluationPath, body: contentBody },
    reply: { status: 201, schema: versionDetail, description: 'The draft' },
    handle: async ({ tx, params: { evaluationId }, body, context }) => {
      const row = await draftVersion(tx, evaluationId, body.content)
      if (row !== undefined) return record(tx, context, 'version.drafted', row)
      const { archivedAt } = found(await findEvaluation(tx, evaluationId))
      const reason = archivedAt === null ? 'has a draft already' : 'is archived'
      throw new ApiProblem('CONFLICT', `the evaluation ${reason}`)
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/evaluation-versions/{versionId}',
    id: 'getEvaluationVersion',
    summary: 'One version, with its content for those who see all rows',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: { params: versionPath },
    reply: { status: 200, schema: versionDetail, description: 'The version' },
    handle: async ({ tx, params: { versionId: id }, context }) => {
      const withDrafts = seesContent(context)
      const row = jsonRow(found(await findVersion(tx, context.mode, { id, withDrafts })))
      return { ...row, content: withDrafts ? row.content : null }
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/evaluation-versions/{versionId}',
    id: 'changeEvaluationVersion',
    summary: 'Replace the content of a draft',
    tag: 'evaluation',
    access: written,
    audit: { action: 'evaluation_version.change', ...audited },
    input: { params: versionPath, body: contentBody },
    reply: { status: 200, schema: versionDetail, description: 'The changed draft' },
    handle: async ({ tx, params: { versionId: id }, body, context }) => {
      const row = await changeDraft(tx, id, body.content)
      if (row === undefined) return refuse(tx, context, id, 'the version is no draft any more')
      return record(tx, context, 'version.changed', row)
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/evaluation-versions/{versionId}/publish',
    id: 'publishEvaluationVersion',
    summary: 'Publish a draft: from then on its content stays as it is',
    tag: 'evaluation',
    access: written,
    audit: { action: 'evaluation_version.publish', ...audited },
    input: { params: versionPath },
    reply: { status: 200, schema: versionDetail, description: 'The published version' },
    handle: async ({ tx, params: { versionId: id }, context }) => {
      const row = await publishVersion(tx, id, actorOf(context))
      if (row === undefined) {
        return refuse(tx, context, id, 'the version is no draft, or its evaluation is archived')
      }
      readContent(row.content)
      return record(tx, context, 'version.published', row)
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/evaluation-versions/{versionId}/withdraw',
    id: 'withdrawEvaluationVersion',
    summary: 'Withdraw a published version: no session of it starts any more',
    tag: 'evaluation',
    access: written,
    audit: { action: 'evaluation_version.withdraw', ...audited },
    input: { params: versionPath },
    reply: { status: 200, schema: versionDetail, description: 'The withdrawn version' },
    handle: async ({ tx, params: { versionId: id }, context }) => {
      const row = await withdrawVersion(tx, id)
      if (row === undefined) return refuse(tx, context, id, 'the version is not published')
      return record(tx, context, 'version.withdrawn', row)
    },
  }),
]
