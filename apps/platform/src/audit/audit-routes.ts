import { z } from 'zod'
import type { Transaction } from 'watertight/runtime'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { cursorAfter, readPage, sortedQuery } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { forTenant } from '../api/tenant-step.js'
import { withHeaders } from '../api/with-headers.js'
import { auditCsv } from './audit-csv.js'
import type { SortOf } from '../database/sort-order.js'
import type { AuditNeighbour, AuditSort, AuditWindow } from './audit-repository.js'
import {
  auditOrders,
  findAuditEntry,
  lastPosition,
  listAuditEntries,
  streamAuditEntries,
} from './audit-repository.js'
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

const neighbour = z.object({ id: z.uuid(), position: z.int(), entryHash: hash })
/** An entry in its place in the chain: what it keeps as previous hash is that of the entry before. */
const chainedEntry = auditEntry.extend({
  previousHash: z.nullable(hash),
  previous: z.nullable(neighbour),
  next: z.nullable(neighbour),
})

/** What was done in the tenant, by whom, and whether the record of it holds. */
export const auditRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/audit',
    id: 'listAuditEntries',
    summary: `Entries of the audit log, newest first unless asked for in the order of the chain; a page of a search looks at ${String(searched)} of them, and may be short or empty though there is a next one`,
    tag,
    access: { kind: 'tenant', capability: 'audit.read', auditor: true, support: true },
    input: { query: z.strictObject({ ...sortedQuery(auditOrders), ...auditQuery }) },
    reply: { status: 200, schema: pageOf(auditEntry), description: 'A page of entries' },
    handle: async ({ tx, query, context }) => {
      const { limit, after: _after, sort: _sort, ...chosen } = query
      const { sort, after } = readPage(auditOrders, query)
      const begin = after === null ? null : Number(after.id)
      const isSearch = chosen.search !== undefined
      const { rest, ...window } = await windowOf(tx, sort, begin, isSearch)
      const page = { sort, limit, ...window }
      const rows = await listAuditEntries(tx, context.mode, filterOf(chosen), page)
      const items = rows.slice(0, limit)
      const last = rows.length > limit ? Number(items.at(-1)?.position) : rest
      const next = last === null ? null : cursorAfter(sort, { key: `${last}`, id: `${last}` })
      return { items: items.map(shownEntry), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/audit/{entryId}',
    id: 'getAuditEntry',
    summary: 'One entry of the audit log, with the entries beside it in the chain',
    tag,
    access: { kind: 'tenant', capability: 'audit.read', auditor: true, support: true },
    input: { params: z.strictObject({ entryId: z.uuid() }) },
    reply: { status: 200, schema: chainedEntry, description: 'The entry' },
    handle: async ({ tx, params: { entryId }, context }) => {
      const row = found(await findAuditEntry(tx, context.mode, entryId))
      const { previous_hash: previousHash, previous, next } = row
      return {
        ...shownEntry(row),
        previousHash,
        previous: shownNeighbour(previous),
        next: shownNeighbour(next),
      }
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

function shownNeighbour(row: AuditNeighbour | null): z.input<typeof neighbour> | null {
  return row && { id: row.id, position: row.position, entryHash: row.entry_hash }
}

/**
 * Where a page looks, from a position on that is not part of it; null for the begin of the order.
 * A search looks at a part of the chain at a time: `rest` is where the next part begins, as a
 * position before it; null when there is none.
 */
async function windowOf(
  tx: Transaction,
  sort: SortOf<AuditSort>,
  begin: number | null,
  isSearch: boolean,
): Promise<AuditWindow & { readonly rest: number | null }> {
  if (sort === 'position') {
    const from = begin === null ? null : begin + 1
    if (!isSearch) return { from, before: null, rest: null }
    const before = (from ?? 1) + searched
    return { from, before, rest: before <= (await lastPosition(tx)) ? before - 1 : null }
  }
  if (!isSearch) return { from: null, before: begin, rest: null }
  const from = (begin ?? (await lastPosition(tx)) + 1) - searched
  return { from, before: begin, rest: from > 1 ? from : null }
}
