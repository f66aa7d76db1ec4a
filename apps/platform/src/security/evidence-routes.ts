import { z } from 'zod'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import type { FieldProblem } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { enqueue } from '../outbox/enqueue.js'
import { findAsset } from './asset-repository.js'
import { findControlStatus } from './control-status-repository.js'
import {
  evidenceOrders,
  findEvidence,
  findReadyFile,
  insertEvidence,
  listEvidence,
} from './evidence-repository.js'
import { plainText, recentTime, sha256, shownTime } from './fields.js'
import { actorOf } from './org-place.js'

const evidence = z.object({
  id: z.uuid(),
  controlId: z.nullable(z.uuid()),
  assetId: z.nullable(z.uuid()),
  title: z.string(),
  source: z.string(),
  sha256,
  byteCount: z.int(),
  storageReference: z.nullable(z.string()),
  excerpt: z.nullable(z.string()),
  collectedBy: z.nullable(z.uuid()),
  collectedAt: shownTime,
  supersedesId: z.nullable(z.uuid()),
  supersededById: z.nullable(z.uuid()),
  /** Days for which it counts as fresh, by its control. */
  freshDays: z.int(),
})

const evidenceQuery = z.strictObject({
  ...sortedQuery(evidenceOrders),
  controlId: z.uuid().optional(),
  assetId: z.uuid().optional(),
  source: plainText(100).optional(),
  superseded: z.enum(['true', 'false']).optional(),
})

const maxBytes = 10 * 1024 ** 3

/** Bytes that a collector keeps elsewhere, bound by their digest. */
const keptElsewhere = z.strictObject({
  reference: plainText(500),
  sha256,
  byteCount: z.int().min(1).max(maxBytes),
})

const newEvidence = z
  .strictObject({
    title: plainText(300),
    source: plainText(100),
    fileId: z.uuid().optional(),
    keptElsewhere: keptElsewhere.optional(),
    controlId: z.uuid().optional(),
    assetId: z.uuid().optional(),
    excerpt: plainText(4000).optional(),
    collectedAt: recentTime.optional(),
    supersedesId: z.uuid().optional(),
  })
  .refine(
    (body) => (body.fileId === undefined) !== (body.keptElsewhere === undefined),
    'names either a file or bytes that are kept elsewhere',
  )

type NewEvidenceBody = z.output<typeof newEvidence>

const read = { kind: 'tenant', capability: 'evidence.read', auditor: true, support: true } as const

/** @throws {ApiProblem} INVALID_REQUEST for references to what the caller cannot see. */
async function checkReferences(tx: Transaction, body: NewEvidenceBody): Promise<void> {
  const { controlId, assetId, supersedesId } = body
  const errors: FieldProblem[] = []
  const check = (isThere: boolean, field: string): void => {
    if (!isThere)
      errors.push({ pointer: `/body/${field}`, detail: 'is nothing that the caller sees' })
  }
  if (controlId !== undefined) {
    check((await findControlStatus(tx, controlId)) !== undefined, 'controlId')
  }
  if (assetId !== undefined) {
    check((await findAsset(tx, tx.context.mode, assetId)) !== undefined, 'assetId')
  }
  if (supersedesId !== undefined) {
    check((await findEvidence(tx, tx.context.mode, supersedesId)) !== undefined, 'supersedesId')
  }
  if (errors.length === 0) return
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}

async function bytesOf(
  tx: Transaction,
  { fileId, keptElsewhere }: NewEvidenceBody,
): Promise<{ sha256: string; byteCount: number; storageReference: string }> {
  if (keptElsewhere !== undefined) {
    const { reference, ...digest } = keptElsewhere
    return { ...digest, storageReference: `external:${reference}` }
  }
  const file = fileId === undefined ? undefined : await findReadyFile(tx, fileId)
  if (file !== undefined) return file
  const errors = [{ pointer: '/body/fileId', detail: 'is no file that is ready' }]
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}

/** Append-only proof that controls work. */
export const evidenceRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/evidence',
    id: 'listEvidence',
    summary: 'Evidence, last collected first',
    tag: 'compliance',
    access: read,
    input: { query: evidenceQuery },
    reply: { status: 200, schema: pageOf(evidence), description: 'A page of evidence' },
    handle: async ({ tx, query, context }) => {
      const { controlId = null, assetId = null, source = null } = query
      const superseded = query.superseded === undefined ? null : query.superseded === 'true'
      const page = readPage(evidenceOrders, query)
      const filter = { controlId, assetId, source, superseded, ...page }
      const rows = await listEvidence(tx, context.mode, filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/evidence/{evidenceId}',
    id: 'getEvidence',
    summary: 'One piece of evidence with its digest',
    tag: 'compliance',
    access: read,
    input: { params: z.strictObject({ evidenceId: z.uuid() }) },
    reply: { status: 200, schema: evidence, description: 'The evidence' },
    handle: async ({ tx, params, context }) =>
      jsonRow(found(await findEvidence(tx, context.mode, params.evidenceId))),
  }),
  defineRoute({
    method: 'POST',
    path: '/evidence',
    id: 'addEvidence',
    summary: 'Add evidence; it can be superseded, never changed or deleted',
    tag: 'compliance',
    access: { kind: 'tenant', capability: 'evidence.write' },
    audit: { action: 'evidence.add', targetType: 'evidence' },
    input: { body: newEvidence },
    reply: { status: 201, schema: evidence, description: 'The evidence' },
    handle: async ({ tx, body, context }) => {
      await checkReferences(tx, body)
      const bytes = await bytesOf(tx, body)
      const id = found(await insertEvidence(tx, { ...body, ...bytes }, actorOf(context)))
      await enqueue(tx, 'evidence.added', { evidenceId: id, sha256: bytes.sha256 })
      return jsonRow(found(await findEvidence(tx, context.mode, id)))
    },
  }),
]
