import { z } from 'zod'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { ownRowsOf, unitOf } from './own-rows.js'
import { resultOrders, listResults } from './result-repository.js'

const result = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  evaluationId: z.uuid(),
  evaluationTitle: z.string(),
  version: z.int(),
  attempt: z.int(),
  userId: z.nullable(z.uuid()),
  submittedAt: z.iso.datetime(),
  scoreVersion: z.nullable(z.int()),
  scoredPoints: z.nullable(z.number()),
  correctedBy: z.nullable(z.number()),
  points: z.nullable(z.number()),
  maxPoints: z.number(),
  passed: z.nullable(z.boolean()),
})

/** What came of it all. */
export const resultRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/evaluation-results',
    id: 'listResults',
    summary: 'Own results, or all of the org units in scope for those who supervise',
    tag: 'evaluation',
    access: { kind: 'tenant', capability: 'evaluations.read', auditor: true, support: true },
    input: {
      query: z.strictObject({
        ...sortedQuery(resultOrders),
        userId: z.uuid().optional(),
        evaluationId: z.uuid().optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(result), description: 'A page of results' },
    handle: async ({ tx, query, context }) => {
      const filter = { ...query, ownerId: ownRowsOf(context), unitId: unitOf(context) }
      const page = readPage(resultOrders, query)
      const rows = await listResults(tx, context.mode, filter, page)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
]
