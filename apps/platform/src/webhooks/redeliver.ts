import type { Queryable } from 'watertight/sql'

/** Attempts that a delivery gets, and gets again when it is redelivered. */
const attemptsPerRound = 8

/**
 * Queues a finished delivery once more, with attempts anew and the id that receivers know it by;
 * false when there is no such delivery, or it is not finished.
 */
export async function redeliver(db: Queryable, deliveryId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update sec.deliveries set state = 'queued', finished_at = null, next_attempt_at = now(),
       attempt_limit = greatest(attempts, (select coalesce(max(attempt), 0)
         from sec.delivery_attempts t where t.delivery_id = deliveries.id)) + $2
     where id = $1 and state in ('delivered', 'dead_letter')`,
    [deliveryId, attemptsPerRound],
  )
  return rowCount === 1
}
