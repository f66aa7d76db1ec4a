import type { ContextMode, TransactionVerbs } from 'watertight/runtime'
import { sql } from 'watertight/sql'
import { relationFor } from '../database/relation-for.js'
import type { RegistrationState } from './registration-repository.js'

/** A guest as a guest list has them. */
export interface GuestRow {
  readonly name: string | null
  readonly email: string | null
  readonly ticketType: string
  readonly state: RegistrationState
  readonly code: string | null
  readonly registeredAt: Date
  readonly confirmedAt: Date | null
  readonly cancelledAt: Date | null
}

/** Whose list. */
export interface GuestFilter {
  readonly eventId: string
  readonly state: RegistrationState | null
}

/** The guests of an event in the order in which they registered, `limit` at most, read in batches. */
export function streamGuests(
  db: TransactionVerbs,
  mode: ContextMode,
  { eventId, state }: GuestFilter,
  limit: number,
): AsyncIterable<GuestRow> {
  const text = sql`select g.attendee_name as name, g.attendee_email::text as email,
      t.name as "ticketType", g.state, g.code, g.registered_at as "registeredAt",
      g.confirmed_at as "confirmedAt", g.cancelled_at as "cancelledAt"
    from ${relationFor(mode, 'evt.registrations')} g
    join evt.ticket_types t on t.id = g.ticket_type_id
    where g.event_id = $1 and ($2::evt.registration_state is null or g.state = $2)
    order by g.registered_at, g.id limit $3`.text
  return db.stream<GuestRow>(text, [eventId, state, limit], { batchSize: 1000 })
}
