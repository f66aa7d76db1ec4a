import { z } from 'zod'
import { ApiProblem, found } from '../api/api-problem.js'
import type { Route } from '../api/route.js'
import { defineRoute } from '../api/route.js'
import type { TenantStep } from '../api/tenant-step.js'
import { forTenant } from '../api/tenant-step.js'
import type { Transaction } from 'watertight/runtime'
import { shownTime } from '../security/fields.js'
import { emailAddress, slug, ticketCode } from './fields.js'
import type { PublicEventRow, PublicTicketTypeRow } from './public-repository.js'
import { findPublicEvent, listPublicTicketTypes } from './public-repository.js'
import { cancel, confirm, register } from './registering.js'
import type { RegistrationRow } from './registration-repository.js'
import { findRegistrationByCode } from './registration-repository.js'
import { attendeeFields, registrationState } from './registration-schema.js'
import { join, withdraw } from './waiting.js'
import type { WaitlistRow } from './waitlist-repository.js'
import { findWaitlistEntryByCode, positionOf } from './waitlist-repository.js'
import { waitlistState } from './waitlist-schema.js'

/** How long a visitor's seat is held until the code that was mailed is given. */
const reservationMilliseconds = 30 * 60 * 1000

const eventPath = z.strictObject({ org: slug, slug })
const tag = 'public'

/*
 * SECURITY: the same for every address, whether or not it is registered: the code that opens a ticket
 * goes to the address, never to who asks.
 */
const accepted = {
  status: 202,
  schema: z.object({ status: z.literal('accepted') }),
  description: 'The code to confirm with is on its way to the address',
} as const

const byCode = z.strictObject({
  email: emailAddress,
  code: z.string().trim().toUpperCase().pipe(ticketCode),
})
const byWaitlistCode = z.strictObject({
  email: emailAddress,
  code: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[0-9A-F]{12}$/, 'is no code of a waiting list'),
})

const ticket = z.object({
  state: registrationState,
  attendeeName: z.nullable(z.string()),
  reservedUntil: z.nullable(shownTime),
})

function shownTicket(row: RegistrationRow): z.input<typeof ticket> {
  const reservedUntil = row.reservedUntil?.toISOString() ?? null
  return { state: row.state, attendeeName: row.attendeeName, reservedUntil }
}

const place = z.object({
  state: waitlistState,
  position: z.nullable(z.int()),
  offeredUntil: z.nullable(shownTime),
})

async function shownPlace(tx: Transaction, row: WaitlistRow): Promise<z.input<typeof place>> {
  return {
    state: row.state,
    position: await positionOf(tx, row.id),
    offeredUntil: row.offeredUntil?.toISOString() ?? null,
  }
}

/** The published event, read in mode `public`. */
async function publicEvent(
  tx: Transaction,
  params: z.output<typeof eventPath>,
): Promise<PublicEventRow> {
  return found(await findPublicEvent(tx, params.org, params.slug))
}

/** A ticket type of the event that anybody may have. */
async function publicTicketType(
  tx: Transaction,
  event: PublicEventRow,
  ticketTypeId: string,
): Promise<PublicTicketTypeRow> {
  const types = await listPublicTicketTypes(tx, event.tenantId, event.id)
  return found(types.find(({ id }) => id === ticketTypeId))
}

async function withTicket(
  tx: Transaction,
  params: z.output<typeof eventPath>,
  proof: z.output<typeof byCode>,
  change: (worker: Transaction, row: RegistrationRow) => Promise<RegistrationRow>,
): Promise<TenantStep<z.input<typeof ticket>>> {
  const { id: eventId, tenantId } = await publicEvent(tx, params)
  return forTenant(tenantId, async (worker) => {
    const row = found(await findRegistrationByCode(worker, { eventId, ...proof }))
    return shownTicket(await change(worker, row))
  })
}

/** What anybody may do at the public page of an event, without a login. */
export const publicRegistrationRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/public/o/{org}/e/{slug}/registrations',
    id: 'requestRegistration',
    summary: 'Ask for a seat; the code to confirm it with is mailed',
    tag,
    access: { kind: 'public' },
    audit: { action: 'registration.request', targetType: 'registration' },
    input: {
      params: eventPath,
      body: z.strictObject({
        ...attendeeFields,
        ticketTypeId: z.uuid(),
        requestId: z.nullable(z.uuid()).default(null),
      }),
    },
    reply: accepted,
    handle: async ({ tx, params, body }) => {
      const event = await publicEvent(tx, params)
      const { isSoldOut } = await publicTicketType(tx, event, body.ticketTypeId)
      // Most of a rush ends here, without a look at anything that is locked.
      if (isSoldOut && body.requestId === null) throw new ApiProblem('CONFLICT', 'sold out')
      const { id: eventId, tenantId } = event
      return forTenant(tenantId, async (worker) => {
        const reservedUntil = new Date(Date.now() + reservationMilliseconds)
        await register(worker, { ...body, eventId, userId: null, reservedUntil })
        return { status: 'accepted' as const }
      })
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/public/o/{org}/e/{slug}/registrations/confirm',
    id: 'confirmByCode',
    summary: 'Confirm a seat, or take an offered one, by the code that was mailed',
    tag,
    access: { kind: 'public' },
    audit: { action: 'registration.confirm', targetType: 'registration' },
    input: { params: eventPath, body: byCode },
    reply: { status: 200, schema: ticket, description: 'The ticket' },
    handle: ({ tx, params, body }) => withTicket(tx, params, body, confirm),
  }),
  defineRoute({
    method: 'POST',
    path: '/public/o/{org}/e/{slug}/registrations/cancel',
    id: 'cancelByCode',
    summary: 'Give a seat back by the code that was mailed',
    tag,
    access: { kind: 'public' },
    audit: { action: 'registration.cancel', targetType: 'registration' },
    input: { params: eventPath, body: byCode },
    reply: { status: 200, schema: ticket, description: 'The cancelled ticket' },
    handle: ({ tx, params, body }) => withTicket(tx, params, body, cancel),
  }),
  defineRoute({
    method: 'POST',
    path: '/public/o/{org}/e/{slug}/waitlist',
    id: 'requestPlaceOnWaitlist',
    summary: 'Wait for a seat of a sold-out event; the code to look with is mailed',
    tag,
    access: { kind: 'public' },
    audit: { action: 'waitlist.join', targetType: 'waitlist_entry' },
    input: {
      params: eventPath,
      body: z.strictObject({
        name: attendeeFields.name,
        email: attendeeFields.email,
        ticketTypeId: z.nullable(z.uuid()).default(null),
      }),
    },
    reply: accepted,
    handle: async ({ tx, params, body }) => {
      const event = await publicEvent(tx, params)
      if (body.ticketTypeId !== null) await publicTicketType(tx, event, body.ticketTypeId)
      const { id: eventId, tenantId } = event
      return forTenant(tenantId, async (worker) => {
        await join(worker, { ...body, eventId, userId: null })
        return { status: 'accepted' as const }
      })
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/public/o/{org}/e/{slug}/waitlist/place',
    id: 'showPlaceOnWaitlist',
    summary: 'How many come before you, by the code that was mailed',
    tag,
    access: { kind: 'public' },
    audit: { action: 'waitlist.look', targetType: 'waitlist_entry' },
    input: { params: eventPath, body: byWaitlistCode },
    reply: { status: 200, schema: place, description: 'The place' },
    handle: async ({ tx, params, body }) => {
      const { id: eventId, tenantId } = await publicEvent(tx, params)
      return forTenant(tenantId, async (worker) => {
        const row = found(await findWaitlistEntryByCode(worker, { eventId, ...body }))
        return shownPlace(worker, row)
      })
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/public/o/{org}/e/{slug}/waitlist/withdraw',
    id: 'withdrawByCode',
    summary: 'Wait no longer, by the code that was mailed',
    tag,
    access: { kind: 'public' },
    audit: { action: 'waitlist.withdraw', targetType: 'waitlist_entry' },
    input: { params: eventPath, body: byWaitlistCode },
    reply: { status: 200, schema: place, description: 'The place as it is now' },
    handle: async ({ tx, params, body }) => {
      const { id: eventId, tenantId } = await publicEvent(tx, params)
      return forTenant(tenantId, async (worker) => {
        const proof = { eventId, ...body }
        await withdraw(worker, found(await findWaitlistEntryByCode(worker, proof)))
        return shownPlace(worker, found(await findWaitlistEntryByCode(worker, proof)))
      })
    },
  }),
]
