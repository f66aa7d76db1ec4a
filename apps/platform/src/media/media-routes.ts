import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf, searchText } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { enqueue } from '../outbox/enqueue.js'
import { plainText, sha256, shownTime } from '../security/fields.js'
import { actorOf } from '../security/org-place.js'
import {
  fileOrders,
  deleteFile,
  describeFile,
  findFile,
  insertFile,
  listFiles,
  listVariants,
} from './file-repository.js'

/** SECURITY: nothing that a browser runs, such as HTML and SVG. */
const contentType = z.enum([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/gif',
  'application/pdf',
  'application/zip',
  'application/json',
  'text/csv',
  'text/plain',
])

const state = z.enum(['uploading', 'ready', 'quarantined'])
const maxBytes = 104_857_600

const file = z.object({
  id: z.uuid(),
  originalName: z.nullable(z.string()),
  contentType: z.string(),
  byteCount: z.int(),
  sha256,
  state,
  alternativeText: z.nullable(z.string()),
  uploadedBy: z.nullable(z.uuid()),
  createdAt: shownTime,
})

const variant = z.object({
  id: z.uuid(),
  kind: z.enum(['thumbnail', 'card', 'cover']),
  width: z.int(),
  height: z.int(),
  byteCount: z.int(),
  createdAt: shownTime,
})

const newFile = z.strictObject({
  // SECURITY: a name, never a path.
  originalName: z
    .string()
    .max(255)
    .regex(/^[^\p{Cc}\p{Cs}/\\]+$/u, 'is no name of a file')
    .refine((name) => name !== '.' && name !== '..', 'is no name of a file'),
  contentType,
  byteCount: z.int().min(1).max(maxBytes),
  sha256,
  alternativeText: plainText(500).optional(),
})

const fileQuery = z.strictObject({
  ...sortedQuery(fileOrders),
  state: state.optional(),
  contentType: contentType.optional(),
  /** Part of the name. */
  search: searchText.optional(),
})

const filePath = z.strictObject({ fileId: z.uuid() })
const read = { kind: 'tenant', capability: 'media.read', auditor: true, support: true } as const
const write = { kind: 'tenant', capability: 'media.write' } as const

/** Uploaded files and what was made of them. */
export const mediaRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/files',
    id: 'listFiles',
    summary: 'Files, newest first',
    tag: 'media',
    access: read,
    input: { query: fileQuery },
    reply: { status: 200, schema: pageOf(file), description: 'A page of files' },
    handle: async ({ tx, query, context }) => {
      const { state = null, contentType = null, search } = query
      const filter = { state, contentType, search, ...readPage(fileOrders, query) }
      const rows = await listFiles(tx, context.mode, filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/files/{fileId}',
    id: 'getFile',
    summary: 'One file',
    tag: 'media',
    access: read,
    input: { params: filePath },
    reply: { status: 200, schema: file, description: 'The file' },
    handle: async ({ tx, params, context }) =>
      jsonRow(found(await findFile(tx, context.mode, params.fileId))),
  }),
  defineRoute({
    method: 'GET',
    path: '/files/{fileId}/variants',
    id: 'listVariants',
    summary: 'Resized forms of a file',
    tag: 'media',
    access: read,
    input: { params: filePath },
    reply: {
      status: 200,
      schema: z.object({ items: z.array(variant) }),
      description: 'At most one of each kind',
    },
    handle: async ({ tx, params: { fileId }, context }) => {
      found(await findFile(tx, context.mode, fileId))
      return { items: (await listVariants(tx, context.mode, fileId)).map(jsonRow) }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/files',
    id: 'registerFile',
    summary: 'Announce an upload by its size and digest, which its bytes have to have',
    tag: 'media',
    access: write,
    audit: { action: 'file.register', targetType: 'file' },
    input: { body: newFile },
    reply: { status: 201, schema: file, description: 'The file that is awaited' },
    handle: async ({ tx, body, context }) => {
      const id = randomUUID()
      const storageKey = `${String(context.tenantId)}/${id}`
      const uploadedBy = actorOf(context)
      const made = found(await insertFile(tx, { ...body, id, storageKey, uploadedBy }))
      return jsonRow(made)
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/files/{fileId}',
    id: 'describeFile',
    summary: 'Say what a picture shows',
    tag: 'media',
    access: write,
    audit: { action: 'file.describe', targetType: 'file', targetParam: 'fileId' },
    input: {
      params: filePath,
      body: z.strictObject({ alternativeText: z.nullable(plainText(500)) }),
    },
    reply: { status: 200, schema: file, description: 'The file' },
    handle: async ({ tx, params, body }) =>
      jsonRow(found(await describeFile(tx, params.fileId, body.alternativeText))),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/files/{fileId}',
    id: 'deleteFile',
    summary: 'Delete a file',
    tag: 'media',
    access: write,
    audit: { action: 'file.delete', targetType: 'file', targetParam: 'fileId' },
    input: { params: filePath },
    reply: { status: 204, schema: z.null(), description: 'It is gone' },
    handle: async ({ tx, params: { fileId } }) => {
      if (!(await deleteFile(tx, fileId))) throw new ApiProblem('NOT_FOUND', 'no such object')
      await enqueue(tx, 'file.deleted', { fileId })
      return null
    },
  }),
]
