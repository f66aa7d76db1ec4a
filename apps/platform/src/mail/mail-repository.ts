import { sql } from 'watertight/sql'
import type { Queryable } from 'watertight/sql'
import { shownBody } from './shown-body.js'

/** A message that a worker has taken. */
export interface DueMail {
  readonly id: string
  readonly to: string
  readonly subject: string | null
  readonly body: string | null
  /** This one included. */
  readonly attempts: number
}

// An attempt is counted before it starts, and is abandoned when it takes longer than its lease.
const take = `
with due as (
  select tenant_id, id from notify.notification_logs
  where status = 'queued' and due_at <= clock_timestamp()
  order by due_at, id limit $1 for update skip locked
)
update notify.notification_logs n
set attempts = n.attempts + 1, due_at = clock_timestamp() + make_interval(secs => $2)
from due where n.tenant_id = due.tenant_id and n.id = due.id
returning n.id, n.recipient_address as "to", n.subject, n.body, n.attempts`

/** Takes messages that are due, for as long as the lease. */
export async function takeMails(
  db: Queryable,
  limit: number,
  leaseSeconds: number,
): Promise<readonly DueMail[]> {
  return (await db.query<DueMail>(take, [limit, leaseSeconds])).rows
}

/** Records that the provider has taken a message. */
export async function markSent(db: Queryable, id: string, providerId: string): Promise<void> {
  await db.query(
    sql`update notify.notification_logs
     set status = 'sent', sent_at = now(), provider_message_id = $2, error = null, due_at = null,
       body = ${shownBody}
     where id = $1 and status = 'queued'`.text,
    [id, providerId],
  )
}

/** Gives a message up; the reason is shown to the tenant. */
export async function markBounced(db: Queryable, id: string, error: string): Promise<void> {
  await db.query(
    sql`update notify.notification_logs
     set status = 'bounced', error = $2, due_at = null, body = ${shownBody}
     where id = $1 and status = 'queued'`.text,
    [id, error],
  )
}

/** Has a message tried again later. */
export async function postpone(
  db: Queryable,
  id: string,
  delayMs: number,
  error: string,
): Promise<void> {
  await db.query(
    `update notify.notification_logs
     set due_at = clock_timestamp() + make_interval(secs => $2::float8 / 1000), error = $3
     where id = $1 and status = 'queued'`,
    [id, delayMs, error],
  )
}
