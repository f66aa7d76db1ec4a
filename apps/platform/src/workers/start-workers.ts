import type { TxManager } from 'watertight/runtime'
import type { OpenSecret } from '../webhooks/attempt-delivery.js'
import { deliveryWork, outboxWork } from '../webhooks/dispatcher.js'
import { webhookClient } from '../webhooks/webhook-client.js'
import type { WebhookClientOptions } from '../webhooks/webhook-client.js'
import { mailWork } from '../mail/mail-work.js'
import type { Mailer } from '../mail/mailer.js'
import type { BackOff } from './back-off.js'
import { reservationWork, waitlistWork } from './event-work.js'
import type { ExportStorage } from './exports/export-storage.js'
import { exportWork } from './exports/export-work.js'
import { openWithKeys } from './open-with-keys.js'
import { startPruning } from './prune-keys.js'
import { startQueueLoop } from './queue-loop.js'
import type { Work } from './queue-loop.js'
import { tenantsWithWork } from './tenants-with-work.js'
import type { QueueName, WorkerObserver } from './worker-observer.js'
import { guardedObserver, queueNames } from './worker-observer.js'

/** What workers work with. */
export interface WorkerOptions {
  /** With a pool for mode `worker`; it needs no other. */
  readonly tx: Pick<TxManager, 'asWorker'>
  readonly exportStorage: ExportStorage
  readonly webhooks?: WebhookClientOptions
  /** Without one the queue `mail` is left to others. */
  readonly mailer?: Mailer
  /** Seconds that a delivery may take before another worker takes it over; 60 by default. */
  readonly lease?: number
  /** Waiting times between attempts of a delivery. */
  readonly backOff?: BackOff
  /** Opens secrets of destinations; with the configured keys by default. */
  readonly openSecret?: OpenSecret
  /** All of them by default. */
  readonly queues?: readonly QueueName[]
  /** Tenants that have their turn at the same time, in each queue; 4 by default. */
  readonly slots?: number
  /** Waiting times while there is nothing to do. */
  readonly idle?: BackOff
  readonly observer?: WorkerObserver
}

/** Workers of this process. */
export interface RunningWorkers {
  /** Has all queues, or one, look for work now. */
  wake(queue?: QueueName): void
  /** Finishes what is in hand, starts nothing more, and resolves then. */
  stop(): Promise<void>
}

/**
 * Starts working off the queues. Any number of processes may do so at the same time, and any of them
 * may be killed at any moment: what it had in hand is done by another.
 *
 * @throws DEVELOPMENT_ONLY when loopback targets are named in production.
 * @example
 * ```ts
 * const workers = startWorkers({ tx, exportStorage: localDirectoryStorage('/var/lib/exports') })
 * process.once('SIGTERM', () => workers.stop())
 * ```
 */
export function startWorkers(options: WorkerOptions): RunningWorkers {
  const { tx, slots, idle, observer, mailer } = options
  const queues = (options.queues ?? queueNames).filter(
    (queue) => queue !== 'mail' || mailer !== undefined,
  )
  const works = worksOf(options)
  const loops = new Map(
    queues.map((queue) => [
      queue,
      startQueueLoop({
        queue,
        tenants: (limit) => tenantsWithWork(tx, queue, limit),
        work: works[queue],
        ...(slots !== undefined && { slots }),
        ...(idle !== undefined && { idle }),
        ...(observer !== undefined && { observer }),
      }),
    ]),
  )
  const guarded = guardedObserver(observer ?? {})
  const pruning = startPruning(tx, (error) =>
    guarded.onFailure({ queue: 'keys', tenantId: null, error }),
  )
  return {
    wake(queue) {
      if (queue !== undefined) loops.get(queue)?.wake()
      else for (const loop of loops.values()) loop.wake()
    },
    async stop() {
      await Promise.all([pruning, ...loops.values()].map((each) => each.stop()))
    },
  }
}

function worksOf({
  tx,
  exportStorage,
  webhooks,
  mailer,
  ...options
}: WorkerOptions): Record<QueueName, Work> {
  const { lease, backOff } = options
  return {
    outbox: outboxWork(tx),
    deliveries: deliveryWork(tx, {
      send: webhookClient(webhooks),
      openSecret: options.openSecret ?? openWithKeys(tx),
      ...(lease !== undefined && { lease }),
      ...(backOff !== undefined && { backOff }),
    }),
    reservations: reservationWork(tx),
    waitlist: waitlistWork(tx),
    exports: exportWork(tx, exportStorage),
    mail: mailer === undefined ? () => Promise.resolve(0) : mailWork(tx, { mailer }),
  }
}
