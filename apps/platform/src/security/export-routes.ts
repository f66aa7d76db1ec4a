import { z } from 'zod'
import { requireCapability } from 'watertight/http'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import type { Capability } from '../api/capabilities.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Call, Route, RouteInput } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import { StreamedBody } from '../api/streamed-body.js'
import type { TenantStep } from '../api/tenant-step.js'
import { withHeaders } from '../api/with-headers.js'
import { jsonRow } from '../database/json-row.js'
import { seesWholeTenant } from '../members/authority.js'
import { tenantArchiveKind } from '../workers/exports/tenant-archive.js'
import { fileNameOf, readExport } from './export-bytes.js'
import type { ExportReader } from './export-repository.js'
import {
  exportOrders,
  countQueued,
  findExport,
  findStoredBytes,
  insertExport,
  listExports,
} from './export-repository.js'
import { sha256, shownTime } from './fields.js'
import { actorOf } from './org-place.js'

const kinds = [
  'audit_csv',
  'audit_jsonl',
  'assets_csv',
  'assets_jsonl',
  'alerts_csv',
  'alerts_jsonl',
  'registrations_csv',
  'registrations_jsonl',
  'evidence_csv',
  'evidence_jsonl',
  'evidence_zip',
  tenantArchiveKind,
] as const

/** Rows that belong to no org unit: they are exported for the whole tenant or not at all. */
const ofWholeTenant = /^(audit|evidence|tenant)_/
/** For everything of a tenant, beside the capability for exports. */
const everything: Capability = 'tenant.export'

const state = z.enum(['queued', 'ready', 'failed', 'expired'])

const shownExport = z.object({
  id: z.uuid(),
  kind: z.string(),
  state,
  since: z.nullable(z.string()),
  until: z.nullable(z.string()),
  orgUnitId: z.nullable(z.uuid()),
  rowCount: z.nullable(z.int()),
  byteCount: z.nullable(z.int()),
  sha256: z.nullable(sha256),
  error: z.nullable(z.string()),
  requestedBy: z.uuid(),
  createdAt: shownTime,
  finishedAt: z.nullable(shownTime),
  expiresAt: shownTime,
})

const bound = z.iso.datetime({ offset: true }).optional()

const newExport = z
  .strictObject({ kind: z.enum(kinds), since: bound, until: bound })
  .refine(
    ({ since, until }) =>
      since === undefined || until === undefined || Date.parse(since) < Date.parse(until),
    { path: ['until'], message: 'is not after since' },
  )
  .refine(
    ({ kind, since, until }) =>
      kind !== tenantArchiveKind || (since === undefined && until === undefined),
    { path: ['kind'], message: 'has no bounds in time' },
  )

const exportQuery = z.strictObject({
  ...sortedQuery(exportOrders),
  state: state.optional(),
  kind: z.enum(kinds).optional(),
})

const exportedBytes = z
  .custom<string | Buffer | StreamedBody>(
    (value) => typeof value === 'string' || Buffer.isBuffer(value) || value instanceof StreamedBody,
  )
  .meta({ type: 'string', format: 'binary' })

const exportPath = z.strictObject({ exportId: z.uuid() })
const read = { kind: 'tenant', capability: 'exports.read', auditor: true, support: true } as const
const allExports: Capability = 'exports.read_all'
const maxQueued = 10

type Reading = Pick<Call<RouteInput>, 'context' | 'tx'>

/**
 * Reads exports: the caller's own, which is all that the database shows a member; those of others too
 * for who may read all of them and works in the whole tenant, in a step of the tenant.
 */
function reading<Result>(
  { context, tx }: Reading,
  read: (db: Transaction, reader: ExportReader) => Promise<Result>,
): Promise<Result | TenantStep<Result>> {
  const { mode, tenantId } = context
  const held: readonly string[] = context.capabilities
  const reader = { mode, isWholeTenant: seesWholeTenant(context) }
  const isOfAll = mode === 'member' && reader.isWholeTenant && held.includes(allExports)
  if (!isOfAll || tenantId === null) return read(tx, reader)
  return Promise.resolve(forTenant(tenantId, (db) => read(db, reader)))
}

/** Files made for download. */
export const exportRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/exports',
    id: 'listExports',
    summary:
      'Exports that the caller has asked for, or all of the tenant for its admins, newest first',
    tag: 'exports',
    access: read,
    input: { query: exportQuery },
    reply: { status: 200, schema: pageOf(shownExport), description: 'A page of exports' },
    handle: async ({ tx, query, context }) => {
      const { state = null, kind = null } = query
      const filter = { state, kind, ...readPage(exportOrders, query) }
      return reading({ tx, context }, async (db, reader) => {
        const rows = await listExports(db, reader, filter)
        const { items, next } = toSortedPage(rows, query)
        return { items: items.map(jsonRow), next }
      })
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/exports/{exportId}',
    id: 'getExport',
    summary: 'One export with its digest',
    tag: 'exports',
    access: read,
    input: { params: exportPath },
    reply: { status: 200, schema: shownExport, description: 'The export' },
    handle: ({ tx, params, context }) =>
      reading({ tx, context }, async (db, reader) =>
        jsonRow(found(await findExport(db, reader, params.exportId))),
      ),
  }),
  defineRoute({
    method: 'POST',
    path: '/exports',
    id: 'requestExport',
    summary: 'Ask for an export of what the caller sees; it is ready some time later',
    tag: 'exports',
    access: { kind: 'tenant', capability: 'exports.write' },
    audit: { action: 'export.request', targetType: 'export' },
    input: { body: newExport },
    reply: { status: 202, schema: shownExport, description: 'The queued export' },
    handle: async ({ tx, body, context }) => {
      const { orgScope, orgUnitId } = context
      if (ofWholeTenant.test(body.kind) && orgScope !== 'all') {
        const errors = [{ pointer: '/body/kind', detail: 'is for the whole tenant only' }]
        throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
      }
      if (body.kind === tenantArchiveKind) requireCapability(everything, context)
      const requestedBy = actorOf(context)
      if ((await countQueued(tx, requestedBy)) >= maxQueued) {
        throw new ApiProblem('CONFLICT', 'too many exports wait already')
      }
      const scope = { orgScope: orgScope ?? 'unit', orgUnitId, requestedBy } as const
      return jsonRow(found(await insertExport(tx, { ...body, ...scope })))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/exports/{exportId}/download',
    id: 'downloadExport',
    summary: 'The bytes of an export that is ready, which have its digest',
    tag: 'exports',
    access: { kind: 'tenant', capability: 'exports.read' },
    audit: { action: 'export.download', targetType: 'export', targetParam: 'exportId' },
    input: { params: exportPath },
    reply: {
      status: 200,
      contentType: 'application/octet-stream',
      schema: exportedBytes,
      description: 'CSV or lines of JSON in UTF-8, or a zip archive',
    },
    handle: ({ tx, params: { exportId }, services, context }) =>
      reading({ tx, context }, async (db, reader) => {
        found(await findExport(db, reader, exportId))
        const stored = await findStoredBytes(db, exportId)
        if (stored === undefined) throw new ApiProblem('CONFLICT', 'the export is not ready')
        if (stored.kind === tenantArchiveKind) requireCapability(everything, context)
        const content = await readExport(db, services?.exports, exportId, stored)
        return withHeaders(content, {
          'content-disposition': `attachment; filename="${fileNameOf(stored.kind)}"`,
          'repr-digest': `sha-256=:${Buffer.from(stored.sha256, 'hex').toString('base64')}:`,
        })
      }),
  }),
]
