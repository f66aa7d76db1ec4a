import { z } from 'zod'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { ledgerOrders, ledgerKinds, listLedger } from './ledger-repository.js'
import { unitOf } from './own-rows.js'

const ledgerEvent = z.object({
  id: z.uuid(),
  sequence: z.int(),
  orgUnitId: z.uuid(),
  kind: z.enum(ledgerKinds),
  subjectId: z.uuid(),
  actorId: z.nullable(z.uuid()),
  payload: z.nullable(z.record(z.string(), z.unknown())),
  occurredAt: z.iso.datetime(),
})

const time = z.iso.datetime({ offset: true })

/** The history of evaluations. */
export const ledgerRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/evaluation-ledger',
    id: 'listLedgerEvents',
    summary: 'What happened to evaluations of the org units in scope, newest first',
    tag: 'evaluation',
    access: {
      kind: 'tenant',
      capability: 'evaluations.supervise',
      auditor: true,
      support: true,
    },
    input: {
      query: z.strictObject({
        ...sortedQuery(ledgerOrders),
        subjectId: z.uuid().optional(),
        kind: z.enum(ledgerKinds).optional(),
        from: time.optional(),
        until: time.optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(ledgerEvent), description: 'A page of events' },
    handle: async ({ tx, query, context }) => {
      const filter = { ...query, unitId: unitOf(context) }
      const rows = await listLedger(tx, context.mode, filter, readPage(ledgerOrders, query))
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
]
