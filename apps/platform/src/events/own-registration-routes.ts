import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Access, Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { actorOf } from '../security/org-place.js'
import { findAttendee, isOpenToMembers } from './attendee-repository.js'
import { eventsOfOwner } from './own-event-repository.js'
import { ownEvent, shownOwnEvent } from './own-event-schema.js'
import { cancel, confirm, register } from './registering.js'
import {
  registrationOrders,
  adoptRegistration,
  findRegistrationOf,
  listRegistrationsOf,
} from './registration-repository.js'
import { registrationSchema, shownRegistration } from './registration-schema.js'
import { accept, join, withdraw } from './waiting.js'
import { findWaitlistEntry, listWaitlistOf, positionOf } from './waitlist-repository.js'
import { placedEntrySchema, shownEntry } from './waitlist-schema.js'

/*
 * SECURITY: people go to events of other org units than they work in, so these run for the tenant as
 * a whole; every statement that reads or writes a row names the user of the context as its owner.
 */
const access: Access = { kind: 'tenant', capability: 'registrations.own', asWorker: true }
const tag = 'events'
const eventPath = z.strictObject({ eventId: z.uuid() })
const registrationPath = z.strictObject({ registrationId: z.uuid() })
const entryPath = z.strictObject({ entryId: z.uuid() })

function eventIdsOf(rows: readonly { readonly eventId: string }[]): readonly string[] {
  return [...new Set(rows.map(({ eventId }) => eventId))]
}

/** What members do with their own tickets. */
export const ownRegistrationRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/me/registrations',
    id: 'listOwnRegistrations',
    summary: 'Your own registrations in this tenant, newest first',
    tag,
    access,
    input: { query: z.strictObject(sortedQuery(registrationOrders)) },
    reply: {
      status: 200,
      schema: pageOf(registrationSchema.extend({ event: ownEvent })),
      description: 'A page of them',
    },
    handle: async ({ tx, context, query }) => {
      const page = readPage(registrationOrders, query)
      const userId = actorOf(context)
      const rows = await listRegistrationsOf(tx, userId, page)
      const { items, next } = toSortedPage(rows, query)
      const events = await eventsOfOwner(tx, userId, eventIdsOf(items))
      return {
        items: items.map((row) => ({
          ...shownRegistration(row),
          event: shownOwnEvent(events.get(row.eventId)),
        })),
        next,
      }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/events/{eventId}/registrations/own',
    id: 'registerOneself',
    summary: 'Register yourself for a published event; once, however often it is asked for',
    tag,
    access,
    audit: { action: 'registration.create', targetType: 'registration' },
    input: { params: eventPath, body: z.strictObject({ ticketTypeId: z.uuid() }) },
    reply: { status: 201, schema: registrationSchema, description: 'Your registration' },
    handle: async ({ tx, context, params: { eventId }, body: { ticketTypeId } }) => {
      const userId = actorOf(context)
      if (!(await isOpenToMembers(tx, eventId, ticketTypeId))) {
        throw new ApiProblem('NOT_FOUND', 'no such object')
      }
      const attendee = found(await findAttendee(tx, userId))
      const { registration } = await register(tx, {
        ...attendee,
        eventId,
        ticketTypeId,
        userId,
        answers: {},
        // One's own: asking again is the same request.
        requestId: userId,
        reservedUntil: null,
      })
      await adoptRegistration(tx, registration.id, userId)
      const own = found(await findRegistrationOf(tx, userId, registration.id))
      return shownRegistration(await confirm(tx, own))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/me/registrations/{registrationId}/cancel',
    id: 'cancelOwnRegistration',
    summary: 'Cancel your own registration; its seat is free again',
    tag,
    access,
    audit: {
      action: 'registration.cancel',
      targetType: 'registration',
      targetParam: 'registrationId',
    },
    input: { params: registrationPath },
    reply: { status: 200, schema: registrationSchema, description: 'The cancelled registration' },
    handle: async ({ tx, context, params }) => {
      const row = await findRegistrationOf(tx, actorOf(context), params.registrationId)
      return shownRegistration(await cancel(tx, found(row)))
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/me/waitlist',
    id: 'listOwnWaitlistEntries',
    summary: 'What you wait for, and what you are offered',
    tag,
    access,
    input: {},
    reply: {
      status: 200,
      schema: z.object({ items: z.array(placedEntrySchema.extend({ event: ownEvent })) }),
      description: 'The first hundred',
    },
    handle: async ({ tx, context }) => {
      const userId = actorOf(context)
      const rows = await listWaitlistOf(tx, userId)
      const events = await eventsOfOwner(tx, userId, eventIdsOf(rows))
      const items = []
      for (const row of rows) {
        const event = shownOwnEvent(events.get(row.eventId))
        items.push({ ...shownEntry(row), position: await positionOf(tx, row.id), event })
      }
      return { items }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/events/{eventId}/waitlist/own',
    id: 'joinWaitlist',
    summary: 'Wait for a seat yourself; once, however often it is asked for',
    tag,
    access,
    audit: { action: 'waitlist.join', targetType: 'waitlist_entry' },
    input: {
      params: eventPath,
      body: z.strictObject({ ticketTypeId: z.nullable(z.uuid()).default(null) }),
    },
    reply: { status: 201, schema: placedEntrySchema, description: 'Your entry' },
    handle: async ({ tx, context, params: { eventId }, body: { ticketTypeId } }) => {
      const userId = actorOf(context)
      if (!(await isOpenToMembers(tx, eventId, ticketTypeId))) {
        throw new ApiProblem('NOT_FOUND', 'no such object')
      }
      const attendee = found(await findAttendee(tx, userId))
      const entry = await join(tx, { ...attendee, eventId, ticketTypeId, userId })
      return { ...shownEntry(entry), position: await positionOf(tx, entry.id) }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/me/waitlist/{entryId}/accept',
    id: 'acceptOfferedSeat',
    summary: 'Take the seat that you are offered',
    tag,
    access,
    audit: { action: 'waitlist.accept', targetType: 'waitlist_entry', targetParam: 'entryId' },
    input: { params: entryPath },
    reply: { status: 200, schema: registrationSchema, description: 'Your registration' },
    handle: async ({ tx, context, params }) => {
      const userId = actorOf(context)
      const entry = found(await findWaitlistEntry(tx, params.entryId, userId))
      return shownRegistration(await accept(tx, entry))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/me/waitlist/{entryId}/withdraw',
    id: 'stopWaiting',
    summary: 'Wait no longer; a seat that you are offered is free again',
    tag,
    access,
    audit: { action: 'waitlist.withdraw', targetType: 'waitlist_entry', targetParam: 'entryId' },
    input: { params: entryPath },
    reply: { status: 200, schema: placedEntrySchema, description: 'Your entry as it is now' },
    handle: async ({ tx, context, params }) => {
      const userId = actorOf(context)
      await withdraw(tx, found(await findWaitlistEntry(tx, params.entryId, userId)))
      const entry = found(await findWaitlistEntry(tx, params.entryId, userId))
      return { ...shownEntry(entry), position: null }
    },
  }),
]
