import { z } from 'zod'
import { found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { shownTime } from '../security/fields.js'
import { notificationOrders, findNotification, listNotifications } from './log-repository.js'

const channel = z.enum(['email', 'sms', 'push', 'in_app'])
const status = z.enum(['queued', 'sent', 'bounced', 'suppressed'])

const notification = z.object({
  id: z.uuid(),
  templateId: z.nullable(z.uuid()),
  systemTemplateId: z.nullable(z.uuid()),
  recipientId: z.nullable(z.uuid()),
  recipientAddress: z.nullable(z.string()),
  channel,
  status,
  subject: z.nullable(z.string()),
  error: z.nullable(z.string()),
  createdAt: shownTime,
  sentAt: z.nullable(shownTime),
})

const notificationQuery = z.strictObject({
  ...sortedQuery(notificationOrders),
  status: status.optional(),
  channel: channel.optional(),
  recipientId: z.uuid().optional(),
})

const read = {
  kind: 'tenant',
  capability: 'notifications.read',
  auditor: true,
  support: true,
} as const

/** What was sent to people. */
export const notificationLogRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/notifications/log',
    id: 'listNotifications',
    summary: 'Messages to people, newest first',
    tag: 'notifications',
    access: read,
    input: { query: notificationQuery },
    reply: { status: 200, schema: pageOf(notification), description: 'A page of messages' },
    handle: async ({ tx, query, context }) => {
      const { status = null, channel = null, recipientId = null } = query
      const filter = { status, channel, recipientId, ...readPage(notificationOrders, query) }
      const rows = await listNotifications(tx, context.mode, filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/notifications/log/{notificationId}',
    id: 'getNotification',
    summary: 'One message with its text',
    tag: 'notifications',
    access: read,
    input: { params: z.strictObject({ notificationId: z.uuid() }) },
    reply: {
      status: 200,
      schema: notification.extend({ body: z.nullable(z.string()) }),
      description: 'The message',
    },
    handle: async ({ tx, params, context }) =>
      jsonRow(found(await findNotification(tx, context.mode, params.notificationId))),
  }),
]
