import type { Queryable } from 'watertight/sql'

/** What happened, in the form that `ops.outbox` takes: `alert.raised`. */
export type Topic = `${string}.${string}`

const insertMessage = 'insert into ops.outbox (topic, payload) values ($1, $2::jsonb) returning id'

/**
 * Leaves a message for other systems in the transaction of the change it tells of: it is published
 * after the commit, at least once, and never when the change is rolled back. The tenant is that of
 * the context.
 *
 * INVARIANT: the payload holds ids and states, never a secret: it leaves the platform.
 *
 * @returns the id of the message, by which receivers recognise a repeated one
 * @example
 * ```ts
 * await enqueue(tx, 'alert.resolved', { alertId, status: 'resolved' })
 * ```
 */
export async function enqueue(
  db: Queryable,
  topic: Topic,
  payload: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { rows } = await db.query<{ id: string }>(insertMessage, [topic, JSON.stringify(payload)])
  const [row] = rows
  if (row === undefined) throw new Error('an insert without a conflict clause returned no row')
  return row.id
}
