import { z } from 'zod'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem } from '../api/api-problem.js'
import { pageOf, pageQuery } from '../api/page.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import { withHeaders } from '../api/with-headers.js'
import { auditCsv } from './audit-csv.js'
import type { AuditWindow } from './audit-repository.js'
import { lastPosition, listAuditEntries, streamAuditEntries } from './audit-repository.js'
import { auditEntry, auditQuery, filterOf, shownEntry } from './audit-schema.js'
import { verifyChain } from './verify-chain.js'

const tag = 'audit'
const maxExport = 50_000
/** Entries that one page of a search reads: no index serves the search for a part of a text. */
const searched = 20_000
const hash = z.string().regex(/^[0-9a-f]{64}$/)
const anchor = z.object({ position: z.int(), hash: z.string() })
const verdict = z.object({
  intact: z.boolean(),
  /** Entries that hold, from the first on. */
  verified: z.int(),
  fault: z.nullable(
    z.object({
      position: z.int(),
      kind: z.enum(['altered', 'missing', 'repeated', 'unlinked', 'truncated', 'replaced']),
    }),
  ),
  /** Keep it elsewhere, and give it as anchor next time. */
  head: z.nullable(anchor),
})

/** What was done in the tenant, by whom, and whether the record of it holds. */
export const auditRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/audit',
    id: 'listAuditEntries',
    summary: `Entries of the audit log, newest first; a page of a search looks at ${String(searched)} of them, and may be short or empty though there is a next one`,
    tag,
    access: { kind: 'tenant', capability: 'audit.read', auditor: true, support: true },
    input: { query: z.strictObject({ ...pageQuery, ...auditQuery }) },
    reply: { status: 200, schema: pageOf(auditEntry), description: 'A page of entries' },
    handle: async ({ tx, query, context }) => {
      const { limit, after, ...chosen } = query
      const window = await windowOf(tx, readPosition(after), chosen.search !== undefined)
      const rows = await listAuditEntries(tx, context.mode, filterOf(chosen), { limit, ...window })
      const items = rows.slice(0, limit)
      const last = rows.length > limit ? (items.at(-1)?.position ?? null) : null
      const isEnd = window.from === null || window.from <= 1
      return { items: items.map(shownEntry), next: last ?? (isEnd ? null : String(window.from)) }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/audit/verify',
    id: 'verifyAuditChain',
    summary: 'Follow the hash chain of the tenant from its first entry to its head',
    tag,
    access: { kind: 'tenant', capability: 'audit.read', auditor: true, support: true },
    input: {
      query: z.strictObject({
        anchorPosition: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
        anchorHash: hash.optional(),
      }),
    },
    reply: { status: 200, schema: verdict, description: 'Whether it holds, and where it breaks' },
    handle: ({ query: { anchorPosition: position, anchorHash: known }, context }) => {
      if ((position === undefined) !== (known === undefined)) {
        const pointer = position === undefined ? '/query/anchorPosition' : '/query/anchorHash'
        const errors = [{ pointer, detail: 'an anchor is both, position and hash' }]
        throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
      }
      const kept = position === undefined || known === undefined ? null : { position, hash: known }
      const tenantId = context.tenantId ?? ''
      // The hashes cover what is redacted for auditors: a worker follows them and shows no entry.
      return Promise.resolve(forTenant(tenantId, (tx) => verifyChain(tx, tenantId, kept)))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/audit/export',
    id: 'exportAuditEntries',
    summary: `Entries in the order of the chain as CSV, ${String(maxExport)} at most`,
    tag,
    access: { kind: 'tenant', capability: 'audit.export', auditor: true },
    audit: { action: 'audit.export', targetType: 'audit_log' },
    input: { query: z.strictObject(auditQuery) },
    reply: {
      status: 200,
      schema: z.string(),
      contentType: 'text/csv',
      description: 'A CSV file; the header X-Content-SHA256 has the hash of its bytes',
    },
    handle: async ({ tx, query, context }) => {
      const rows = streamAuditEntries(tx, context.mode, filterOf(query), maxExport + 1)
      const { text, sha256, entries } = await auditCsv(rows)
      if (entries > maxExport) {
        const errors = [{ pointer: '/query/from', detail: 'choose a shorter time' }]
        throw new ApiProblem('INVALID_REQUEST', `more than ${String(maxExport)} entries`, errors)
      }
      const digest = Buffer.from(sha256, 'hex').toString('base64')
      return withHeaders(text, {
        'content-disposition': 'attachment; filename="audit.csv"',
        'repr-digest': `sha-256=:${digest}:`,
        'x-content-sha256': sha256,
      })
    },
  }),
]

async function windowOf(
  tx: Transaction,
  before: number | null,
  isSearch: boolean,
): Promise<AuditWindow> {
  if (!isSearch) return { before, from: null }
  return { before, from: (before ?? (await lastPosition(tx)) + 1) - searched }
}

/** The cursor of this list: the position in the chain of the last entry of the page before. */
function readPosition(after: string | undefined): number | null {
  if (after === undefined) return null
  if (/^[1-9][0-9]{0,14}$/.test(after)) return Number(after)
  const errors = [{ pointer: '/query/after', detail: 'is no cursor of this list' }]
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}
