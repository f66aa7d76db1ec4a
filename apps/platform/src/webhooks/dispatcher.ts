import type { TxManager } from 'watertight/runtime'
import type { Work } from '../workers/queue-loop.js'
import { attemptDelivery } from './attempt-delivery.js'
import type { AttemptOptions } from './attempt-delivery.js'
import { claimDeliveries, finishAttempt } from './delivery-repository.js'
import type { ClaimedDelivery } from './delivery-repository.js'
import { postponeMessages, publishMessages } from './outbox-repository.js'

const messagesPerTurn = 100
const deliveriesPerTurn = 4

/** Publishing: messages of the outbox become deliveries, exactly once. */
export function outboxWork(tx: Pick<TxManager, 'asWorker'>): Work {
  return async function publish(tenantId) {
    const tenant = { tenantId, orgScope: 'all' } as const
    try {
      return await tx.asWorker(tenant).run((db) => publishMessages(db, messagesPerTurn))
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'unknown'
      await tx.asWorker(tenant).run((db) => postponeMessages(db, messagesPerTurn, reason))
      throw error
    }
  }
}

/** What deliveries are made with. */
export interface DispatcherOptions extends AttemptOptions {
  /**
   * Seconds that an attempt may take before another worker takes it for abandoned; 60 by default,
   * and to be longer than the time-out of the client.
   */
  readonly lease?: number
}

/**
 * Delivering: at least once, each attempt on record. Nothing of the database is held while a
 * destination takes its time.
 *
 * Order: attempts start in the order of the messages, but several are under way at once and a
 * retry comes later than what followed it. A receiver that needs order has `timestamp` for it.
 */
export function deliveryWork(tx: Pick<TxManager, 'asWorker'>, options: DispatcherOptions): Work {
  const { lease = 60 } = options
  return async function deliver(tenantId) {
    const tenant = { tenantId, orgScope: 'all' } as const
    const claimed = await tx
      .asWorker(tenant)
      .run((db) => claimDeliveries(db, deliveriesPerTurn, lease))
    const settled = await Promise.allSettled(claimed.map(attempt))
    const failed = settled.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return claimed.length

    async function attempt(delivery: ClaimedDelivery): Promise<void> {
      const { record, next } = await attemptDelivery(tenantId, delivery, options)
      await tx.asWorker(tenant).run((db) => finishAttempt(db, delivery, record, next))
    }
  }
}
