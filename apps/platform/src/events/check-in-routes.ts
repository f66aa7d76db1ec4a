import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { plainText, shownTime } from '../security/fields.js'
import { actorOf } from '../security/org-place.js'
import type { CheckInRow } from './check-in-repository.js'
import {
  checkInOrders,
  findCheckIn,
  findLiveCheckIn,
  insertCheckIn,
  listCheckIns,
  lockTicket,
  revokeCheckIn,
} from './check-in-repository.js'
import { findEvent } from './event-repository.js'
import { ticketCode } from './fields.js'

const checkIn = z.object({
  id: z.uuid(),
  registrationId: z.uuid(),
  checkedInAt: shownTime,
  checkedInBy: z.nullable(z.uuid()),
  gate: z.nullable(z.string()),
  revokedAt: z.nullable(shownTime),
})

const shown = (row: CheckInRow): z.input<typeof checkIn> => jsonRow(row)
const eventPath = z.strictObject({ eventId: z.uuid() })
const tag = 'events'

/** The door. */
export const checkInRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/events/{eventId}/check-ins',
    id: 'listCheckIns',
    summary: 'Arrivals at an event, newest first',
    tag,
    access: { kind: 'tenant', capability: 'check_ins.read', auditor: true, support: true },
    input: { params: eventPath, query: z.strictObject(sortedQuery(checkInOrders)) },
    reply: { status: 200, schema: pageOf(checkIn), description: 'A page of arrivals' },
    handle: async ({ tx, context, params, query }) => {
      const { eventId } = params
      found(await findEvent(tx, context.mode, eventId))
      const page = readPage(checkInOrders, query)
      const rows = await listCheckIns(tx, context.mode, { eventId, ...page })
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shown), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/events/{eventId}/check-ins',
    id: 'checkIn',
    summary: 'Let the guest with that ticket code in',
    tag,
    access: { kind: 'tenant', capability: 'check_ins.write', support: true },
    audit: { action: 'check_in.create', targetType: 'check_in' },
    input: {
      params: eventPath,
      body: z.strictObject({
        code: z.string().trim().toUpperCase().pipe(ticketCode),
        gate: z.nullable(plainText(60)).default(null),
      }),
    },
    reply: { status: 201, schema: checkIn, description: 'The arrival' },
    handle: async ({ tx, context, params, body }) => {
      const ticket = found(await lockTicket(tx, params.eventId, body.code))
      if (ticket.state !== 'confirmed') {
        throw new ApiProblem('CONFLICT', `the registration is ${ticket.state}`)
      }
      const arrival = { registrationId: ticket.id, by: actorOf(context), gate: body.gate }
      const row = await insertCheckIn(tx, arrival)
      if (row !== undefined) return shown(row)
      const first = found(await findLiveCheckIn(tx, ticket.id))
      const at = first.checkedInAt.toISOString()
      throw new ApiProblem('CONFLICT', `the guest came in at ${at}`)
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/check-ins/{checkInId}/revoke',
    id: 'revokeCheckIn',
    summary: 'Take a check-in back; the ticket is valid again',
    tag,
    access: { kind: 'tenant', capability: 'check_ins.write', support: true },
    audit: { action: 'check_in.revoke', targetType: 'check_in', targetParam: 'checkInId' },
    input: { params: z.strictObject({ checkInId: z.uuid() }) },
    reply: { status: 200, schema: checkIn, description: 'The revoked check-in' },
    handle: async ({ tx, params }) => {
      const row = await revokeCheckIn(tx, params.checkInId)
      if (row !== undefined) return shown(row)
      found(await findCheckIn(tx, params.checkInId))
      throw new ApiProblem('CONFLICT', 'it is revoked already')
    },
  }),
]
