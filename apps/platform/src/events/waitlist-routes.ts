import { z } from 'zod'
import { found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { findEvent } from './event-repository.js'
import { attendeeFields } from './registration-schema.js'
import { join, withdraw } from './waiting.js'
import {
  waitlistOrders,
  findWaitlistEntry,
  listWaitlist,
  positionOf,
} from './waitlist-repository.js'
import {
  placedEntrySchema,
  shownEntry,
  waitlistEntrySchema,
  waitlistState,
} from './waitlist-schema.js'

const eventPath = z.strictObject({ eventId: z.uuid() })
const entryPath = z.strictObject({ entryId: z.uuid() })
const tag = 'events'

/** The waiting lists as organisers see them. */
export const waitlistRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/events/{eventId}/waitlist',
    id: 'listWaitlist',
    summary: 'Who waits for an event, or did, newest first',
    tag,
    access: { kind: 'tenant', capability: 'registrations.read', auditor: true, support: true },
    input: {
      params: eventPath,
      query: z.strictObject({ ...sortedQuery(waitlistOrders), state: waitlistState.optional() }),
    },
    reply: { status: 200, schema: pageOf(waitlistEntrySchema), description: 'A page of entries' },
    handle: async ({ tx, context, params, query }) => {
      const { eventId } = params
      found(await findEvent(tx, context.mode, eventId))
      const { state = null } = query
      const page = readPage(waitlistOrders, query)
      const rows = await listWaitlist(tx, context.mode, { eventId, state, ...page })
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shownEntry), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/events/{eventId}/waitlist',
    id: 'addToWaitlist',
    summary: 'Put a guest on the waiting list of a sold-out event',
    tag,
    access: { kind: 'tenant', capability: 'registrations.write', support: true },
    audit: { action: 'waitlist.join', targetType: 'waitlist_entry' },
    input: {
      params: eventPath,
      body: z.strictObject({
        name: attendeeFields.name,
        email: attendeeFields.email,
        ticketTypeId: z.nullable(z.uuid()).default(null),
      }),
    },
    reply: { status: 201, schema: placedEntrySchema, description: 'The entry' },
    handle: async ({ tx, context, params, body }) => {
      found(await findEvent(tx, context.mode, params.eventId))
      const entry = await join(tx, { ...body, eventId: params.eventId, userId: null })
      return { ...shownEntry(entry), position: await positionOf(tx, entry.id) }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/waitlist/{entryId}/withdraw',
    id: 'withdrawFromWaitlist',
    summary: 'Take a guest off the waiting list; an offered seat is free again',
    tag,
    access: { kind: 'tenant', capability: 'registrations.write', support: true },
    audit: {
      action: 'waitlist.withdraw',
      targetType: 'waitlist_entry',
      targetParam: 'entryId',
    },
    input: { params: entryPath },
    reply: { status: 200, schema: waitlistEntrySchema, description: 'The entry as it is now' },
    handle: async ({ tx, params }) => {
      await withdraw(tx, found(await findWaitlistEntry(tx, params.entryId, null)))
      return shownEntry(found(await findWaitlistEntry(tx, params.entryId, null)))
    },
  }),
]
