import type { Queryable } from 'watertight/sql'
import { ApiProblem } from '../api/api-problem.js'
import { enqueue } from '../outbox/enqueue.js'
import {
  cancelLapsedReservations,
  cancelLive,
  confirmPending,
  findLiveRegistration,
  insertRegistration,
  renewLapsed,
} from './registration-repository.js'
import type {
  LapsedReservation,
  NewRegistration,
  RegistrationRow,
} from './registration-repository.js'
import { mailGuest } from './mail-guest.js'
import { giveBackSeats, takeSeat } from './seat-repository.js'
import { newTicketCode } from './ticket-code.js'
import { availabilityOf } from './ticket-type-repository.js'
import { settleOffers } from './waitlist-repository.js'

/** Who asks for a seat of what. */
export type SeatRequest = Omit<NewRegistration, 'code'>

/** @throws {ApiProblem} CONFLICT, which says the same whoever is registered. */
function soldOut(): never {
  throw new ApiProblem('CONFLICT', 'sold out')
}

/** What became of a request for a seat. */
export interface Seating {
  /** False when the address was registered before; nothing was taken then. */
  readonly isNew: boolean
  readonly registration: RegistrationRow
}

/**
 * Takes a seat and registers, unless the address is registered for the event already.
 *
 * SECURITY: what it throws depends on the event alone, never on whether the address is registered, so
 * that who asks for somebody else's address learns nothing. The exception is a request repeated under
 * its own id, which is answered as before even if that took the last seat.
 *
 * @throws {ApiProblem} NOT_FOUND without such a ticket type, CONFLICT when it is not on sale or sold out.
 */
export async function register(db: Queryable, wanted: SeatRequest): Promise<Seating> {
  const { eventId, ticketTypeId, email, requestId } = wanted
  const availability = await availabilityOf(db, eventId, ticketTypeId)
  if (availability === undefined) throw new ApiProblem('NOT_FOUND', 'no such object')
  const existing = await findLiveRegistration(db, eventId, email)
  const isRepeated =
    existing !== undefined && requestId !== null && existing.requestId === requestId
  if (isRepeated) return { isNew: false, registration: existing }
  if (!availability.isOnSale) throw new ApiProblem('CONFLICT', 'the ticket type is not on sale')
  if (!availability.hasSeat) return soldOut()
  if (existing !== undefined) return again(db, existing, wanted)
  if (!(await takeSeat(db, ticketTypeId))) return soldOut()
  const registration = await insertRegistration(db, { ...wanted, code: newTicketCode() })
  if (registration !== undefined) {
    await announce(db, registration)
    return { isNew: true, registration }
  }
  // Somebody registered the same address in the meantime.
  await giveBackSeats(db, [ticketTypeId])
  const other = await findLiveRegistration(db, eventId, email)
  if (other === undefined) throw new ApiProblem('CONFLICT', 'try again')
  return again(db, other, wanted)
}

/** The mail of a repeated request tells the owner of the address, and nobody else. */
async function again(
  db: Queryable,
  existing: RegistrationRow,
  { reservedUntil }: SeatRequest,
): Promise<Seating> {
  if (reservedUntil !== null) await renewLapsed(db, existing.id, reservedUntil)
  await enqueue(db, 'registration.repeated', referenceTo(existing))
  await mailTicket(db, existing)
  return { isNew: false, registration: existing }
}

async function announce(db: Queryable, registration: RegistrationRow): Promise<void> {
  const isHeld = registration.state === 'pending'
  const topic = isHeld ? 'registration.reserved' : 'registration.confirmed'
  await enqueue(db, topic, referenceTo(registration))
  await mailTicket(db, registration)
}

async function mailTicket(db: Queryable, registration: RegistrationRow): Promise<void> {
  const { state, eventId, userId, attendeeName: name, attendeeEmail: email, code } = registration
  const key = state === 'pending' ? 'registration.reserved' : 'registration.confirmed'
  await mailGuest(db, { key, eventId, userId, name, email, code })
}

/** SECURITY: without the code, which opens the ticket. */
function referenceTo(registration: {
  readonly id: string
  readonly eventId: string
}): Readonly<Record<string, unknown>> {
  return { registrationId: registration.id, eventId: registration.eventId }
}

/**
 * Confirms a reservation in time; one that is confirmed already stays so.
 *
 * @throws {ApiProblem} CONFLICT when its time is over, or the event does not take place.
 */
export async function confirm(
  db: Queryable,
  registration: RegistrationRow,
): Promise<RegistrationRow> {
  const confirmed = await confirmPending(db, registration.id)
  if (confirmed === undefined) {
    if (registration.state === 'confirmed') return registration
    throw new ApiProblem('CONFLICT', 'the reservation is over, or the event is')
  }
  await settleOffers(db, [confirmed.id], 'accepted')
  await enqueue(db, 'registration.confirmed', referenceTo(confirmed))
  await mailTicket(db, confirmed)
  return confirmed
}

/**
 * Cancels a registration and gives its seat back, once however often it is asked for.
 *
 * @throws {ApiProblem} CONFLICT for a guest who has come.
 */
export async function cancel(
  db: Queryable,
  registration: RegistrationRow,
): Promise<RegistrationRow> {
  const cancelled = await cancelLive(db, registration.id)
  if (cancelled === undefined) {
    if (registration.state === 'cancelled') return registration
    throw new ApiProblem('CONFLICT', 'the guest has come, or it was cancelled just now')
  }
  await giveBackSeats(db, [cancelled.ticketTypeId])
  await settleOffers(db, [cancelled.id], 'withdrawn')
  await enqueue(db, 'registration.cancelled', referenceTo(cancelled))
  return cancelled
}

/**
 * Ends up to `limit` reservations of the tenant whose time is over and gives their seats back. Runs in
 * a worker transaction of one tenant; several at once do not get in each other's way.
 *
 * @returns what lapsed; `promoteNext` has seats of these ticket types to offer
 */
export async function expireReservations(
  db: Queryable,
  limit: number,
): Promise<readonly LapsedReservation[]> {
  const lapsed = await cancelLapsedReservations(db, limit)
  if (lapsed.length === 0) return lapsed
  await giveBackSeats(
    db,
    lapsed.map(({ ticketTypeId }) => ticketTypeId),
  )
  await settleOffers(
    db,
    lapsed.map(({ id }) => id),
    'expired',
  )
  for (const reservation of lapsed) {
    await enqueue(db, 'registration.expired', referenceTo(reservation))
  }
  return lapsed
}
