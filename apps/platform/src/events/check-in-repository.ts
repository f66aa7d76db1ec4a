import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import type { ContextMode } from 'watertight/runtime'
import { relationFor } from '../database/relation-for.js'
import type { RegistrationState } from './registration-repository.js'
import { byText, byTime, pageSql, sortOrders } from '../database/sort-order.js'
import type { PageFilter, Sorted, SortOrders } from '../database/sort-order.js'

/** A row of `evt.check_ins`. */
export interface CheckInRow {
  readonly id: string
  readonly registrationId: string
  readonly checkedInAt: Date
  readonly checkedInBy: string | null
  readonly gate: string | null
  readonly revokedAt: Date | null
}

const columns = sql`id, registration_id as "registrationId",
  checked_in_at as "checkedInAt", checked_in_by as "checkedInBy", gate,
  revoked_at as "revokedAt"`

/** What arrivals can be listed by. */
export type CheckInSort = 'gate' | 'checkedInAt' | 'revokedAt'

/** The orders of the list of arrivals. */
export const checkInOrders: SortOrders<CheckInSort> = sortOrders(
  {
    gate: byText(sql`gate`, { nullable: true }),
    checkedInAt: byTime(sql`checked_in_at`),
    revokedAt: byTime(sql`revoked_at`, { nullable: true }),
  },
  '-checkedInAt',
)

/** Arrivals at an event, revoked ones included, newest first. */
export async function listCheckIns(
  db: Queryable,
  mode: ContextMode,
  filter: PageFilter<CheckInSort> & { readonly eventId: string },
): Promise<Sorted<CheckInRow>[]> {
  const page = pageSql(checkInOrders, filter)
  const { rows } = await db.query<Sorted<CheckInRow>>(
    sql`select ${columns}, ${page.column} from evt.check_ins
     where registration_id in (select r.id from ${relationFor(mode, 'evt.registrations')} r
         where r.event_id = $4)
       and ${page.after} ${page.orderAndLimit}`.text,
    [...page.values, filter.eventId],
  )
  return rows
}

/** A ticket at the door. */
export interface Ticket {
  readonly id: string
  readonly state: RegistrationState
}

/**
 * The registration of a code, locked so that it cannot be cancelled before its guest is let in;
 * undefined for a code of another event.
 */
export async function lockTicket(
  db: Queryable,
  eventId: string,
  code: string,
): Promise<Ticket | undefined> {
  const { rows } = await db.query<Ticket>(
    `select id, state from evt.registrations where event_id = $1 and code = $2
     for no key update`,
    [eventId, code],
  )
  return rows[0]
}

/** Lets a guest in; undefined for one who has come already. */
export async function insertCheckIn(
  db: Queryable,
  arrival: { readonly registrationId: string; readonly by: string; readonly gate: string | null },
): Promise<CheckInRow | undefined> {
  const { rows } = await db.query<CheckInRow>(
    sql`insert into evt.check_ins (org_unit_id, registration_id, checked_in_by, gate)
     select r.org_unit_id, r.id, $2, $3 from evt.registrations r where r.id = $1
     on conflict do nothing returning ${columns}`.text,
    [arrival.registrationId, arrival.by, arrival.gate],
  )
  return rows[0]
}

/** The live check-in of a registration. */
export async function findLiveCheckIn(
  db: Queryable,
  registrationId: string,
): Promise<CheckInRow | undefined> {
  const { rows } = await db.query<CheckInRow>(
    sql`select ${columns} from evt.check_ins where registration_id = $1 and revoked_at is null`
      .text,
    [registrationId],
  )
  return rows[0]
}

/** Takes a check-in back, once; undefined when there is no such live one. */
export async function revokeCheckIn(db: Queryable, id: string): Promise<CheckInRow | undefined> {
  const { rows } = await db.query<CheckInRow>(
    sql`update evt.check_ins set revoked_at = now() where id = $1 and revoked_at is null
     returning ${columns}`.text,
    [id],
  )
  return rows[0]
}

/** The check-in, if the caller may see it. */
export async function findCheckIn(db: Queryable, id: string): Promise<CheckInRow | undefined> {
  const { rows } = await db.query<CheckInRow>(
    sql`select ${columns} from evt.check_ins where id = $1`.text,
    [id],
  )
  return rows[0]
}
