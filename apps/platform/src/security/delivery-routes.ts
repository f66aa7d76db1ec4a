import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf, pageQuery } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { redeliver } from '../webhooks/redeliver.js'
import {
  deliveryOrders,
  findDelivery,
  isDestinationLive,
  listAttempts,
  listDeliveries,
} from './delivery-repository.js'
import { eventType, shownTime } from './fields.js'

const state = z.enum(['queued', 'delivered', 'retrying', 'dead_letter'])

const delivery = z.object({
  id: z.uuid(),
  destinationId: z.uuid(),
  destinationName: z.nullable(z.string()),
  alertId: z.nullable(z.uuid()),
  eventType: z.string(),
  state,
  attempts: z.int(),
  nextAttemptAt: z.nullable(shownTime),
  createdAt: shownTime,
  finishedAt: z.nullable(shownTime),
})

const deliveryDetail = delivery.extend({
  payload: z.nullable(z.record(z.string(), z.unknown())),
})

const attempt = z.object({
  attempt: z.int(),
  startedAt: shownTime,
  durationMs: z.int(),
  responseStatus: z.nullable(z.int()),
  responseExcerpt: z.nullable(z.string()),
  errorClass: z.nullable(z.string()),
  error: z.nullable(z.string()),
})

const deliveryPath = z.strictObject({ deliveryId: z.uuid() })

const deliveryQuery = z.strictObject({
  ...sortedQuery(deliveryOrders),
  state: state.optional(),
  destinationId: z.uuid().optional(),
  eventType: eventType.optional(),
})

const attemptQuery = z.strictObject({
  limit: pageQuery.limit,
  after: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'is no cursor of this list')
    .optional(),
})

const read = {
  kind: 'tenant',
  capability: 'deliveries.read',
  auditor: true,
  support: true,
} as const

/** What was sent to destinations, and how that went. */
export const deliveryRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/integrations/deliveries',
    id: 'listDeliveries',
    summary: 'Deliveries, newest first',
    tag: 'integrations',
    access: read,
    input: { query: deliveryQuery },
    reply: { status: 200, schema: pageOf(delivery), description: 'A page of deliveries' },
    handle: async ({ tx, query, context }) => {
      const { state = null, destinationId = null, eventType = null } = query
      const filter = { state, destinationId, eventType, ...readPage(deliveryOrders, query) }
      const rows = await listDeliveries(tx, context.mode, filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/integrations/deliveries/{deliveryId}',
    id: 'getDelivery',
    summary: 'One delivery with what it carries',
    tag: 'integrations',
    access: read,
    input: { params: deliveryPath },
    reply: { status: 200, schema: deliveryDetail, description: 'The delivery' },
    handle: async ({ tx, params, context }) =>
      jsonRow(found(await findDelivery(tx, context.mode, params.deliveryId))),
  }),
  defineRoute({
    method: 'GET',
    path: '/integrations/deliveries/{deliveryId}/attempts',
    id: 'listDeliveryAttempts',
    summary: 'Attempts of a delivery, first to last',
    tag: 'integrations',
    access: read,
    input: { params: deliveryPath, query: attemptQuery },
    reply: { status: 200, schema: pageOf(attempt), description: 'A page of attempts' },
    handle: async ({ tx, params: { deliveryId }, query: { limit, after = '0' }, context }) => {
      found(await findDelivery(tx, context.mode, deliveryId))
      const page = { limit, after: Math.min(Number(after), 32_767) }
      const rows = await listAttempts(tx, context.mode, deliveryId, page)
      const items = rows.slice(0, limit)
      const last = items.at(-1)
      const hasMore = rows.length > limit && last !== undefined
      return { items: items.map(jsonRow), next: hasMore ? String(last.attempt) : null }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/integrations/deliveries/{deliveryId}/redeliver',
    id: 'redeliver',
    summary: 'Try a finished delivery anew, such as one of the dead letters',
    tag: 'integrations',
    access: { kind: 'tenant', capability: 'deliveries.write' },
    audit: { action: 'delivery.redeliver', targetType: 'delivery', targetParam: 'deliveryId' },
    input: { params: deliveryPath },
    reply: { status: 200, schema: delivery, description: 'The queued delivery' },
    handle: async ({ tx, params: { deliveryId }, context }) => {
      found(await findDelivery(tx, context.mode, deliveryId))
      if (!(await isDestinationLive(tx, deliveryId))) {
        throw new ApiProblem('CONFLICT', 'the destination takes no deliveries')
      }
      if (!(await redeliver(tx, deliveryId))) {
        throw new ApiProblem('CONFLICT', 'the delivery is under way')
      }
      return jsonRow(found(await findDelivery(tx, context.mode, deliveryId)))
    },
  }),
]
