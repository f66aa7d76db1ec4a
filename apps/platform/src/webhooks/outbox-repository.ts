import type { Queryable } from 'watertight/sql'

/**
 * Messages that are due become one delivery for every destination that asked for their topic, and
 * are published with that, in one statement. Rows that another worker has are skipped; the unique
 * index of deliveries holds whatever happens.
 */
const fanOut = `
with message as (
  select id, topic, payload, created_at, position from ops.outbox
  where published_at is null and available_at <= now()
  order by position limit $1 for update skip locked
), fanned as (
  insert into sec.deliveries
    (destination_id, alert_id, event_type, payload, message_id, occurred_at, next_attempt_at)
  select d.id, a.id, m.topic, m.payload, m.id, m.created_at, now()
  from message m
  join sec.integration_destinations d
    on m.topic = any (d.event_types) and d.is_enabled and d.deleted_at is null
  left join sec.alerts a on a.id = case
    when m.payload ->> 'alertId' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    then (m.payload ->> 'alertId')::uuid end
  order by m.position, d.id
  on conflict do nothing
)
update ops.outbox o set published_at = now(), attempts = o.attempts + 1, last_error = null
from message where o.id = message.id`

/** Publishes at most `limit` messages of the tenant of the transaction; returns how many. */
export async function publishMessages(db: Queryable, limit: number): Promise<number> {
  const { rowCount } = await db.query(fanOut, [limit])
  return rowCount ?? 0
}

/** Has messages that could not be published wait, so that others of the tenant come first. */
export async function postponeMessages(
  db: Queryable,
  limit: number,
  reason: string,
): Promise<void> {
  await db.query(
    `update ops.outbox set attempts = attempts + 1, last_error = $2,
       available_at = now() + least(interval '1 hour', interval '5 seconds' * 2 ^ least(attempts, 12))
     where id in (select id from ops.outbox where published_at is null and available_at <= now()
       order by position limit $1 for update skip locked)`,
    [limit, reason],
  )
}
