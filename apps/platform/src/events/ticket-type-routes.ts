import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { jsonRow } from '../database/json-row.js'
import { plainText, shownTime } from '../security/fields.js'
import { findEvent } from './event-repository.js'
import { currency, instant, optionalText } from './fields.js'
import type { TicketTypeFields, TicketTypeRow } from './ticket-type-repository.js'
import {
  archiveTicketType,
  findTicketType,
  insertTicketType,
  isNameTaken,
  listTicketTypes,
  updateTicketType,
} from './ticket-type-repository.js'

const ticketType = z.object({
  id: z.uuid(),
  eventId: z.uuid(),
  name: z.string(),
  description: z.string(),
  priceCents: z.int(),
  currency: z.string(),
  quantity: z.int(),
  sold: z.int(),
  salesFrom: z.nullable(shownTime),
  salesUntil: z.nullable(shownTime),
  isHidden: z.boolean(),
  createdAt: shownTime,
  archivedAt: z.nullable(shownTime),
})

const fields = {
  name: plainText(100),
  description: optionalText(2000),
  priceCents: z.int().min(0).max(100_000_000),
  currency,
  quantity: z.int().min(1).max(1_000_000),
  salesFrom: z.nullable(instant),
  salesUntil: z.nullable(instant),
  isHidden: z.boolean(),
}

const newTicketType = z.strictObject({
  ...fields,
  description: fields.description.default(''),
  priceCents: fields.priceCents.default(0),
  currency: fields.currency.default('EUR'),
  salesFrom: fields.salesFrom.default(null),
  salesUntil: fields.salesUntil.default(null),
  isHidden: fields.isHidden.default(false),
})

const eventPath = z.strictObject({ eventId: z.uuid() })
const ticketTypePath = z.strictObject({ ticketTypeId: z.uuid() })
const tag = 'events'

/** @throws {ApiProblem} INVALID_REQUEST for a sale that ends before it begins. */
function inOrder(wanted: TicketTypeFields): TicketTypeFields {
  const { salesFrom, salesUntil } = wanted
  if (salesFrom === null || salesUntil === null) return wanted
  if (Date.parse(salesUntil) > Date.parse(salesFrom)) return wanted
  const errors = [{ pointer: '/body/salesUntil', detail: 'must be after salesFrom' }]
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}

const shown = (row: TicketTypeRow): z.input<typeof ticketType> => jsonRow(row)

/** What can be had for an event. */
export const ticketTypeRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/events/{eventId}/ticket-types',
    id: 'listTicketTypes',
    summary: 'Ticket types of an event, hidden and archived ones included',
    tag,
    access: { kind: 'tenant', capability: 'events.read', auditor: true, support: true },
    input: { params: eventPath },
    reply: {
      status: 200,
      schema: z.object({ items: z.array(ticketType) }),
      description: 'All of them',
    },
    handle: async ({ tx, context, params }) => {
      found(await findEvent(tx, context.mode, params.eventId))
      return { items: (await listTicketTypes(tx, params.eventId)).map(shown) }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/events/{eventId}/ticket-types',
    id: 'createTicketType',
    summary: 'Add a ticket type to an event',
    tag,
    access: { kind: 'tenant', capability: 'events.write', support: true },
    audit: { action: 'ticket_type.create', targetType: 'ticket_type' },
    input: { params: eventPath, body: newTicketType },
    reply: { status: 201, schema: ticketType, description: 'The ticket type' },
    handle: async ({ tx, context, params, body }) => {
      found(await findEvent(tx, context.mode, params.eventId))
      const row = await insertTicketType(tx, params.eventId, inOrder(body))
      if (row !== undefined) return shown(row)
      const detail = 'the name is taken, or the event is over or has no room for another type'
      throw new ApiProblem('CONFLICT', detail)
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/ticket-types/{ticketTypeId}',
    id: 'changeTicketType',
    summary: 'Change a ticket type',
    tag,
    access: { kind: 'tenant', capability: 'events.write', support: true },
    audit: {
      action: 'ticket_type.change',
      targetType: 'ticket_type',
      targetParam: 'ticketTypeId',
    },
    input: { params: ticketTypePath, body: z.strictObject(fields).partial() },
    reply: { status: 200, schema: ticketType, description: 'The ticket type as it is now' },
    handle: async ({ tx, params, body }) => {
      const before = shown(found(await findTicketType(tx, params.ticketTypeId)))
      const given = Object.entries(body).filter(([, value]) => value !== undefined)
      const wanted = inOrder({ ...before, ...Object.fromEntries(given) })
      if (await isNameTaken(tx, params.ticketTypeId, wanted.name)) {
        throw new ApiProblem('CONFLICT', 'another ticket type of the event has the name')
      }
      const row = await updateTicketType(tx, params.ticketTypeId, wanted)
      if (row !== undefined) return shown(row)
      throw new ApiProblem('CONFLICT', 'it is archived, or more are sold than there would be')
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/ticket-types/{ticketTypeId}/archive',
    id: 'archiveTicketType',
    summary: 'Take a ticket type off sale for good',
    tag,
    access: { kind: 'tenant', capability: 'events.write', support: true },
    audit: {
      action: 'ticket_type.archive',
      targetType: 'ticket_type',
      targetParam: 'ticketTypeId',
    },
    input: { params: ticketTypePath },
    reply: { status: 200, schema: ticketType, description: 'The archived ticket type' },
    handle: async ({ tx, params }) => {
      const row = await archiveTicketType(tx, params.ticketTypeId)
      if (row !== undefined) return shown(row)
      found(await findTicketType(tx, params.ticketTypeId))
      throw new ApiProblem('CONFLICT', 'it is archived already')
    },
  }),
]
