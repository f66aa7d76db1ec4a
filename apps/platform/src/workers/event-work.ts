import type { TxManager } from 'watertight/runtime'
import { expireReservations } from '../events/registering.js'
import { promoteNext } from '../events/waiting.js'
import { promotableTicketTypes } from '../events/waitlist-repository.js'
import type { Work } from './queue-loop.js'

const reservationsPerTurn = 100
const ticketTypesPerTurn = 20
const offersPerTicketType = 25

/** Reservations whose time is over give their seats back. */
export function reservationWork(tx: Pick<TxManager, 'asWorker'>): Work {
  return async function expire(tenantId) {
    const lapsed = await tx
      .asWorker({ tenantId, orgScope: 'all' })
      .run((db) => expireReservations(db, reservationsPerTurn))
    return lapsed.length
  }
}

/**
 * Free seats are offered to those who wait. Each offer is a transaction of its own, so that the lock
 * on an event is held for one seat, and visitors who register come in between.
 */
export function waitlistWork(tx: Pick<TxManager, 'asWorker'>): Work {
  return async function promote(tenantId, signal) {
    const worker = (): ReturnType<typeof tx.asWorker> => tx.asWorker({ tenantId, orgScope: 'all' })
    const ticketTypes = await worker().run((db) => promotableTicketTypes(db, ticketTypesPerTurn))
    let offers = 0
    for (const ticketTypeId of ticketTypes) {
      for (let count = 0; count < offersPerTicketType && !signal.aborted; count += 1) {
        const offer = await worker().run((db) => promoteNext(db, ticketTypeId))
        if (offer === null) break
        offers += 1
      }
    }
    return offers
  }
}
