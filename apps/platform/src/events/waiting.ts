import type { Queryable } from 'watertight/sql'
import { ApiProblem } from '../api/api-problem.js'
import { enqueue } from '../outbox/enqueue.js'
import { mailGuest } from './mail-guest.js'
import { cancel, confirm } from './registering.js'
import { findRegistration, insertRegistration } from './registration-repository.js'
import type { RegistrationRow } from './registration-repository.js'
import { giveBackSeats, takeSeat } from './seat-repository.js'
import { newTicketCode } from './ticket-code.js'
import { availabilityOf, listTicketTypes } from './ticket-type-repository.js'
import type { NewWaitlistEntry, WaitlistRow } from './waitlist-repository.js'
import {
  findLiveWaitlistEntry,
  findWaitlistCode,
  insertWaitlistEntry,
  isWaitedFor,
  lockNextWaiting,
  markOffered,
  offerEnd,
  withdrawWaiting,
} from './waitlist-repository.js'

/** How many refused offers one promotion steps over before it leaves the rest to the next run. */
const maxSkipped = 20

/** A seat that is offered. */
export interface WaitlistOffer {
  readonly entryId: string
  readonly eventId: string
  readonly registrationId: string
  /** When the seat is given to the next. */
  readonly offeredUntil: Date
}

/**
 * Puts somebody on the waiting list. An address that waits already stays where it is.
 *
 * SECURITY: what it throws depends on the event alone, as in `register`.
 *
 * @throws {ApiProblem} NOT_FOUND without such a ticket type, CONFLICT while seats are free.
 */
export async function join(db: Queryable, wanted: NewWaitlistEntry): Promise<WaitlistRow> {
  if (await hasFreeSeat(db, wanted)) {
    throw new ApiProblem('CONFLICT', 'there are seats: register instead')
  }
  const added = await insertWaitlistEntry(db, wanted)
  const entry = added ?? (await findLiveWaitlistEntry(db, wanted.eventId, wanted.email))
  if (entry === undefined) throw new ApiProblem('CONFLICT', 'try again')
  const topic = added === undefined ? 'waitlist.repeated' : 'waitlist.joined'
  await enqueue(db, topic, { entryId: entry.id, eventId: entry.eventId })
  const code = await findWaitlistCode(db, entry.id)
  await mailGuest(db, { key: 'waitlist.joined', ...entry, code })
  return entry
}

async function hasFreeSeat(
  db: Queryable,
  { eventId, ticketTypeId }: NewWaitlistEntry,
): Promise<boolean> {
  const types = await listTicketTypes(db, eventId)
  const wanted = types.filter(
    ({ id, isHidden, archivedAt }) =>
      (ticketTypeId === null ? !isHidden : id === ticketTypeId) && archivedAt === null,
  )
  if (wanted.length === 0) throw new ApiProblem('NOT_FOUND', 'no such object')
  for (const { id } of wanted) {
    const availability = await availabilityOf(db, eventId, id)
    if (availability === undefined) throw new ApiProblem('NOT_FOUND', 'no such object')
    if (availability.isOnSale && availability.hasSeat) return true
  }
  return false
}

/**
 * Offers a free seat of the ticket type to the next who waits for one; null when nobody waits or no
 * seat is free. Runs in a worker transaction of one tenant. The seat is held by a pending registration
 * until the offer ends, so that nobody else gets it meanwhile.
 *
 * INVARIANT: the seat is taken before the entry is chosen. It locks the ticket type, so that offers
 * come in the order of joining, however many workers promote.
 */
export async function promoteNext(
  db: Queryable,
  ticketTypeId: string,
): Promise<WaitlistOffer | null> {
  if (!(await isWaitedFor(db, ticketTypeId))) return null
  if (!(await takeSeat(db, ticketTypeId))) return null
  for (let skipped = 0; skipped < maxSkipped; skipped += 1) {
    const entry = await lockNextWaiting(db, ticketTypeId)
    if (entry === undefined) break
    const offer = await hold(db, entry, ticketTypeId)
    if (offer !== null) return offer
    // The address has a seat of the event already.
    await withdrawWaiting(db, entry.id)
  }
  await giveBackSeats(db, [ticketTypeId])
  return null
}

async function hold(
  db: Queryable,
  entry: WaitlistRow,
  ticketTypeId: string,
): Promise<WaitlistOffer | null> {
  const until = await offerEnd(db, entry.eventId)
  const registration = await insertRegistration(db, {
    eventId: entry.eventId,
    ticketTypeId,
    userId: entry.userId,
    name: entry.name ?? '',
    email: entry.email ?? '',
    code: newTicketCode(),
    answers: {},
    requestId: null,
    reservedUntil: until,
  })
  if (registration === undefined) return null
  await markOffered(db, entry.id, { registrationId: registration.id, until })
  const { eventId } = entry
  await enqueue(db, 'waitlist.offered', {
    entryId: entry.id,
    eventId,
    registrationId: registration.id,
  })
  await mailGuest(db, { key: 'waitlist.offered', ...entry, code: registration.code })
  return { entryId: entry.id, eventId, registrationId: registration.id, offeredUntil: until }
}

/** @throws {ApiProblem} CONFLICT when no seat is offered, or no longer. */
export async function accept(db: Queryable, entry: WaitlistRow): Promise<RegistrationRow> {
  const registration = await offeredTo(db, entry)
  if (registration === undefined) throw new ApiProblem('CONFLICT', 'no seat is offered')
  return confirm(db, registration)
}

/** Takes somebody off the list; a seat that was offered to them is given back. */
export async function withdraw(db: Queryable, entry: WaitlistRow): Promise<void> {
  const registration = await offeredTo(db, entry)
  if (registration !== undefined) {
    await cancel(db, registration)
    return
  }
  if ((await withdrawWaiting(db, entry.id)) !== undefined || entry.state === 'withdrawn') return
  throw new ApiProblem('CONFLICT', 'the entry is settled')
}

async function offeredTo(
  db: Queryable,
  { state, registrationId }: WaitlistRow,
): Promise<RegistrationRow | undefined> {
  if (state !== 'offered' || registrationId === null) return undefined
  return findRegistration(db, 'member', registrationId)
}
