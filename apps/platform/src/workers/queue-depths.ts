import type { TxManager } from 'watertight/runtime'
import type { QueueName } from './worker-observer.js'

/** How far a queue is behind, over all active tenants. */
export interface QueueDepth {
  readonly queue: QueueName
  /** What is due: messages, deliveries, exports. */
  readonly depth: number
  /** For how long the oldest of it is, in seconds. */
  readonly oldestSeconds: number
}

/** What is due in each queue that has any. Asked in mode `worker` outside of any tenant. */
export async function queueDepths(tx: Pick<TxManager, 'asWorker'>): Promise<readonly QueueDepth[]> {
  const { rows } = await tx
    .asWorker({ tenantId: null })
    .query<{ queue: QueueName; depth: string; seconds: number }>(
      'select queue, depth, oldest_seconds as seconds from ops.queue_depths()',
    )
  return rows.map(({ queue, depth, seconds }) => ({
    queue,
    depth: Number(depth),
    oldestSeconds: seconds,
  }))
}
