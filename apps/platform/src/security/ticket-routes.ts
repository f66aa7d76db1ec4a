import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { enqueue } from '../outbox/enqueue.js'
import { findAlert } from './alert-repository.js'
import { plainText, shownTime } from './fields.js'
import { actorOf } from './org-place.js'
import {
  ticketOrders,
  changeTicket,
  findLiveTicket,
  findTicket,
  listTickets,
  openTicket,
} from './ticket-repository.js'

const state = z.enum(['open', 'in_progress', 'closed'])

const ticket = z.object({
  id: z.uuid(),
  orgUnitId: z.uuid(),
  alertId: z.uuid(),
  title: z.string(),
  state,
  externalReference: z.nullable(z.string()),
  openedBy: z.uuid(),
  openedAt: shownTime,
  closedAt: z.nullable(shownTime),
})

const ticketPath = z.strictObject({ ticketId: z.uuid() })

const ticketQuery = z.strictObject({
  ...sortedQuery(ticketOrders),
  state: state.optional(),
  alertId: z.uuid().optional(),
})

const ticketChange = z
  .strictObject({ state, externalReference: z.nullable(plainText(200)) })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'changes nothing')

const read = { kind: 'tenant', capability: 'tickets.read', auditor: true, support: true } as const
const write = { kind: 'tenant', capability: 'tickets.write', support: true } as const

/** Work items that alerts lead to. */
export const ticketRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/tickets',
    id: 'listTickets',
    summary: 'Tickets of the org units in scope, last opened first',
    tag: 'security',
    access: read,
    input: { query: ticketQuery },
    reply: { status: 200, schema: pageOf(ticket), description: 'A page of tickets' },
    handle: async ({ tx, query, context }) => {
      const { state = null, alertId = null } = query
      const filter = { state, alertId, ...readPage(ticketOrders, query) }
      const rows = await listTickets(tx, context.mode, filter)
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(jsonRow), next }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/tickets/{ticketId}',
    id: 'getTicket',
    summary: 'One ticket',
    tag: 'security',
    access: read,
    input: { params: ticketPath },
    reply: { status: 200, schema: ticket, description: 'The ticket' },
    handle: async ({ tx, params, context }) =>
      jsonRow(found(await findTicket(tx, context.mode, params.ticketId))),
  }),
  defineRoute({
    method: 'POST',
    path: '/alerts/{alertId}/ticket',
    id: 'openTicket',
    summary:
      'The live ticket of an alert; it is opened when there is none, however often it is asked',
    tag: 'security',
    access: write,
    audit: { action: 'ticket.open', targetType: 'ticket' },
    input: {
      params: z.strictObject({ alertId: z.uuid() }),
      body: z.strictObject({ title: plainText(300).optional() }),
    },
    reply: { status: 200, schema: ticket, description: 'The one live ticket of the alert' },
    handle: async ({ tx, params: { alertId }, body, context }) => {
      const opened = await openTicket(tx, alertId, actorOf(context), body.title ?? null)
      if (opened !== undefined) {
        await enqueue(tx, 'ticket.opened', { ticketId: opened.id, alertId })
        return jsonRow(opened)
      }
      const live = await findLiveTicket(tx, alertId)
      if (live !== undefined) return jsonRow(live)
      found(await findAlert(tx, context.mode, alertId))
      throw new ApiProblem('CONFLICT', 'the alert is resolved')
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/tickets/{ticketId}',
    id: 'changeTicket',
    summary: 'Move a ticket on; a closed one stays closed',
    tag: 'security',
    access: write,
    audit: { action: 'ticket.change', targetType: 'ticket', targetParam: 'ticketId' },
    input: { params: ticketPath, body: ticketChange },
    reply: { status: 200, schema: ticket, description: 'The ticket as it is now' },
    handle: async ({ tx, params: { ticketId }, body, context }) => {
      const row = await changeTicket(tx, ticketId, body)
      if (row !== undefined) {
        await enqueue(tx, 'ticket.changed', { ticketId, state: row.state })
        return jsonRow(row)
      }
      found(await findTicket(tx, context.mode, ticketId))
      throw new ApiProblem('CONFLICT', 'the ticket is closed')
    },
  }),
]
