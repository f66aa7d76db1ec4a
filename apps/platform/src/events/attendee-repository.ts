import type { Queryable } from 'watertight/sql'

/** How a member is named on a ticket. */
export interface Attendee {
  readonly name: string
  readonly email: string
}

/** The member of the tenant as they registered with the platform. */
export async function findAttendee(db: Queryable, userId: string): Promise<Attendee | undefined> {
  const { rows } = await db.query<Attendee>(
    'select display_name as name, email::text from core.users where id = $1',
    [userId],
  )
  return rows[0]
}

/** True for a published event whose ticket type, if one is named, anybody may have. */
export async function isOpenToMembers(
  db: Queryable,
  eventId: string,
  ticketTypeId: string | null,
): Promise<boolean> {
  const { rows } = await db.query(
    `select from evt.events e
     where e.id = $1 and e.status = 'published' and e.deleted_at is null
       and ($2::uuid is null or exists (select from evt.ticket_types t
         where t.id = $2 and t.event_id = e.id and not t.is_hidden and t.archived_at is null))`,
    [eventId, ticketTypeId],
  )
  return rows.length > 0
}
