import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import { pageOf } from '../api/page.js'
import { readPage, sortedQuery, toSortedPage } from '../api/sorted-list.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import { findEvent } from './event-repository.js'
import { cancel, confirm, register } from './registering.js'
import {
  registrationOrders,
  findRegistration,
  listRegistrations,
} from './registration-repository.js'
import {
  attendeeFields,
  registrationSchema,
  registrationState,
  shownRegistration,
} from './registration-schema.js'

const eventPath = z.strictObject({ eventId: z.uuid() })
const registrationPath = z.strictObject({ registrationId: z.uuid() })
const tag = 'events'

/** How long an organiser's reservation is held for a guest who has not answered yet. */
const reservationMilliseconds = 3 * 24 * 60 * 60 * 1000

/** Guests as the organisers of an event see them. */
export const registrationRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/events/{eventId}/registrations',
    id: 'listRegistrations',
    summary: 'Registrations for an event, newest first',
    tag,
    access: { kind: 'tenant', capability: 'registrations.read', auditor: true, support: true },
    input: {
      params: eventPath,
      query: z.strictObject({
        ...sortedQuery(registrationOrders),
        state: registrationState.optional(),
      }),
    },
    reply: { status: 200, schema: pageOf(registrationSchema), description: 'A page of them' },
    handle: async ({ tx, context, params, query }) => {
      const { eventId } = params
      found(await findEvent(tx, context.mode, eventId))
      const { state = null } = query
      const page = readPage(registrationOrders, query)
      const rows = await listRegistrations(tx, context.mode, { eventId, state, ...page })
      const { items, next } = toSortedPage(rows, query)
      return { items: items.map(shownRegistration), next }
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/events/{eventId}/registrations',
    id: 'createRegistration',
    summary: 'Register a guest, or hold a seat for one',
    tag,
    access: { kind: 'tenant', capability: 'registrations.write', support: true },
    audit: { action: 'registration.create', targetType: 'registration' },
    input: {
      params: eventPath,
      body: z.strictObject({
        ...attendeeFields,
        ticketTypeId: z.uuid(),
        hold: z.boolean().default(false),
      }),
    },
    reply: { status: 201, schema: registrationSchema, description: 'The registration' },
    handle: async ({ tx, context, params, body }) => {
      found(await findEvent(tx, context.mode, params.eventId))
      const { hold, ...attendee } = body
      const { isNew, registration } = await register(tx, {
        ...attendee,
        eventId: params.eventId,
        userId: null,
        requestId: null,
        reservedUntil: hold ? new Date(Date.now() + reservationMilliseconds) : null,
      })
      if (!isNew) throw new ApiProblem('CONFLICT', 'the address is registered for the event')
      return shownRegistration(registration)
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/registrations/{registrationId}',
    id: 'getRegistration',
    summary: 'One registration',
    tag,
    access: { kind: 'tenant', capability: 'registrations.read', auditor: true, support: true },
    input: { params: registrationPath },
    reply: { status: 200, schema: registrationSchema, description: 'The registration' },
    handle: async ({ tx, context, params }) =>
      shownRegistration(found(await findRegistration(tx, context.mode, params.registrationId))),
  }),
  defineRoute({
    method: 'POST',
    path: '/registrations/{registrationId}/confirm',
    id: 'confirmRegistration',
    summary: 'Confirm a reservation in time',
    tag,
    access: { kind: 'tenant', capability: 'registrations.write', support: true },
    audit: {
      action: 'registration.confirm',
      targetType: 'registration',
      targetParam: 'registrationId',
    },
    input: { params: registrationPath },
    reply: { status: 200, schema: registrationSchema, description: 'The confirmed registration' },
    handle: async ({ tx, context, params }) => {
      const row = found(await findRegistration(tx, context.mode, params.registrationId))
      return shownRegistration(await confirm(tx, row))
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/registrations/{registrationId}/cancel',
    id: 'cancelRegistration',
    summary: 'Cancel a registration; its seat is free again',
    tag,
    access: { kind: 'tenant', capability: 'registrations.write', support: true },
    audit: {
      action: 'registration.cancel',
      targetType: 'registration',
      targetParam: 'registrationId',
    },
    input: { params: registrationPath },
    reply: { status: 200, schema: registrationSchema, description: 'The cancelled registration' },
    handle: async ({ tx, context, params }) => {
      const row = found(await findRegistration(tx, context.mode, params.registrationId))
      return shownRegistration(await cancel(tx, row))
    },
  }),
]
