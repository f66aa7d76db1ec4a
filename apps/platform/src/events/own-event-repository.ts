import type { Queryable } from 'watertight/sql'

/** What somebody has a ticket or a place for, and nothing that only the organiser sees. */
export interface OwnEventRow {
  readonly id: string
  readonly title: string
  readonly startsAt: Date
  readonly timeZone: string
  readonly tenantName: string
}

const find = `
select e.id, e.title, e.starts_at as "startsAt", e.time_zone as "timeZone", t.name as "tenantName"
from evt.events e
join core.tenants t on t.id = e.tenant_id
where e.id = any ($2)
  and (exists (select from evt.registrations r where r.event_id = e.id and r.user_id = $1)
    or exists (select from evt.waitlist_entries w where w.event_id = e.id and w.user_id = $1))`

/**
 * Those of the events that the user has a registration or an entry for, by id; also drafts, cancelled
 * and deleted ones, since who has a ticket must still know for what.
 */
export async function eventsOfOwner(
  db: Queryable,
  userId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, OwnEventRow>> {
  if (ids.length === 0) return new Map()
  const { rows } = await db.query<OwnEventRow>(find, [userId, ids])
  return new Map(rows.map((row) => [row.id, row]))
}
