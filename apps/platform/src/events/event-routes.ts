import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import type { Call, RouteInput } from '../api/route.js'
import { enqueue } from '../outbox/enqueue.js'
import { actorOf, placeOf } from '../security/org-place.js'
import type { EventFields, EventMove, EventRow } from './event-repository.js'
import {
  eventOrders,
  findEvent,
  insertEvent,
  isSlugTaken,
  listEvents,
  moveEvent,
  updateEvent,
} from './event-repository.js'
import {
  eventChangeSchema,
  eventSchema,
  eventStatus,
  newEventSchema,
  shownEvent,
} from './event-schema.js'

const eventPath = z.strictObject({ eventId: z.uuid() })
const tag = 'events'

/** @throws {ApiProblem} INVALID_REQUEST for an event that ends before it starts. */
function inOrder(fields: EventFields): EventFields {
  if (Date.parse(fields.endsAt) > Date.parse(fields.startsAt)) return fields
  const errors = [{ pointer: '/body/endsAt', detail: 'must be after startsAt' }]
  throw new ApiProblem('INVALID_REQUEST', 'the request does not fit the schema', errors)
}

const slugTaken = (): ApiProblem => new ApiProblem('CONFLICT', 'another event has the slug')

type OnEvent = Call<RouteInput> & { readonly params: { readonly eventId: string } }

/** Moves the event, or says why not; an event that cannot be seen is not there. */
async function moved(
  { tx, context, params }: Pick<OnEvent, 'tx' | 'context' | 'params'>,
  move: EventMove,
  refusal: string,
): Promise<EventRow> {
  const row = await moveEvent(tx, params.eventId, move)
  if (row !== undefined) return row
  found(await findEvent(tx, context.mode, params.eventId))
  throw new ApiProblem('CONFLICT', refusal)
}

/** Events as their organisers work with them. */
export const eventRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/events',
    id: 'listEvents',
    summary: 'Events of the org units in scope, newest first',
    tag,
    access: { kind: 'tenant', capability: 'events.read', auditor: true, support: true },
    input: {
      query: z.strictObject({ ...sortedQuery(eventOrders), status: eventStatus.optional() }),
    },
    reply: { status: 200, schema: pageOf(eventSchema), description: 'A page of events' },
    handle: async ({ tx, context, query }) => {
      const { status = null } = query
      const page = readPage(eventOrders, query)
      const rows = await listEvents(tx, context.mode, { status, ...page })
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shownEvent), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/events',
    id: 'createEvent',
    summary: 'Add an event as a draft',
    tag,
    access: { kind: 'tenant', capability: 'events.write', support: true },
    audit: { action: 'event.create', targetType: 'event' },
    input: { body: newEventSchema },
    reply: { status: 201, schema: eventSchema, description: 'The draft' },
    handle: async ({ tx, context, body }) => {
      const { orgUnitId: named, ...fields } = body
      const place = { orgUnitId: await placeOf(tx, context, named), createdBy: actorOf(context) }
      const row = await insertEvent(tx, place, inOrder(fields))
      if (row === undefined) throw slugTaken()
      return shownEvent(row)
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/events/{eventId}',
    id: 'getEvent',
    summary: 'One event',
    tag,
    access: { kind: 'tenant', capability: 'events.read', auditor: true, support: true },
    input: { params: eventPath },
    reply: { status: 200, schema: eventSchema, description: 'The event' },
    handle: async ({ tx, context, params }) =>
      shownEvent(found(await findEvent(tx, context.mode, params.eventId))),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/events/{eventId}',
    id: 'changeEvent',
    summary: 'Change a draft or a published event',
    tag,
    access: { kind: 'tenant', capability: 'events.write', support: true },
    audit: { action: 'event.change', targetType: 'event', targetParam: 'eventId' },
    input: { params: eventPath, body: eventChangeSchema },
    reply: { status: 200, schema: eventSchema, description: 'The event as it is now' },
    handle: async ({ tx, context, params, body }) => {
      const before = shownEvent(found(await findEvent(tx, context.mode, params.eventId)))
      const given = Object.entries(body).filter(([, value]) => value !== undefined)
      const fields: EventFields = inOrder({ ...before, ...Object.fromEntries(given) })
      if (await isSlugTaken(tx, fields.slug, params.eventId)) throw slugTaken()
      const row = await updateEvent(tx, params.eventId, fields)
      if (row === undefined) {
        const detail = 'the event is over or called off, or more places are taken'
        throw new ApiProblem('CONFLICT', detail)
      }
      return shownEvent(row)
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/events/{eventId}',
    id: 'deleteEvent',
    summary: 'Remove an event that nobody is registered for',
    tag,
    access: { kind: 'tenant', capability: 'events.write', support: true },
    audit: { action: 'event.delete', targetType: 'event', targetParam: 'eventId' },
    input: { params: eventPath },
    reply: { status: 204, schema: z.null(), description: 'It is gone' },
    handle: async (call) => {
      await moved(call, 'remove', 'the event is published and has registrations: cancel it first')
      return null
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/events/{eventId}/publish',
    id: 'publishEvent',
    summary: 'Publish a draft: it gets a public page',
    tag,
    access: { kind: 'tenant', capability: 'events.write', support: true },
    audit: { action: 'event.publish', targetType: 'event', targetParam: 'eventId' },
    input: { params: eventPath },
    reply: { status: 200, schema: eventSchema, description: 'The published event' },
    handle: async (call) => {
      const row = await moved(call, 'publish', 'the event is no draft, or is over')
      await enqueue(call.tx, 'event.published', { eventId: row.id })
      return shownEvent(row)
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/events/{eventId}/cancel',
    id: 'cancelEvent',
    summary: 'Call an event off: its public page is gone',
    tag,
    access: { kind: 'tenant', capability: 'events.write', support: true },
    audit: { action: 'event.cancel', targetType: 'event', targetParam: 'eventId' },
    input: { params: eventPath },
    reply: { status: 200, schema: eventSchema, description: 'The cancelled event' },
    handle: async (call) => {
      const row = await moved(call, 'cancel', 'the event is over or called off already')
      await enqueue(call.tx, 'event.cancelled', { eventId: row.id })
      return shownEvent(row)
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/events/{eventId}/complete',
    id: 'completeEvent',
    summary: 'Close an event that has started',
    tag,
    access: { kind: 'tenant', capability: 'events.write', support: true },
    audit: { action: 'event.complete', targetType: 'event', targetParam: 'eventId' },
    input: { params: eventPath },
    reply: { status: 200, schema: eventSchema, description: 'The completed event' },
    handle: async (call) => {
      const row = await moved(call, 'complete', 'the event is not published or has not started')
      await enqueue(call.tx, 'event.completed', { eventId: row.id })
      return shownEvent(row)
    },
  }),
]
