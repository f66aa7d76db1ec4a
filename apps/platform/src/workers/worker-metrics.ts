import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { QueueDepth } from './queue-depths.js'
import type { QueueName, WorkerObserver } from './worker-observer.js'

/** Figures of a worker process in Prometheus' text form. */
export interface WorkerMetrics {
  readonly contentType: string
  /** Counts turns, failures and waits; no tenant is a label. */
  readonly observer: WorkerObserver
  /** Asks for the depths of the queues, too. */
  text(): Promise<string>
}

/**
 * Figures of the queues that this process works off.
 *
 * @param depths what is due over all tenants; while it cannot be asked, the figures of it are missing
 */
export function workerMetrics(
  queues: readonly QueueName[],
  depths: () => Promise<readonly QueueDepth[]>,
): WorkerMetrics {
  const registry = new Registry()
  const registers = [registry]
  const labelNames = ['queue'] as const
  collectDefaultMetrics({ register: registry })
  const done = new Counter({
    name: 'worker_jobs_done_total',
    help: 'What was done: messages, deliveries, promotions, exports, mails.',
    labelNames,
    registers,
  })
  const failed = new Counter({
    name: 'worker_turns_failed_total',
    help: 'Turns of a tenant that failed, and looks for tenants with work.',
    labelNames,
    registers,
  })
  const duration = new Histogram({
    name: 'worker_turn_duration_seconds',
    help: 'How long the turn of a tenant takes.',
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  })
  const depth = new Gauge({
    name: 'worker_queue_depth',
    help: 'What is due in a queue, over all active tenants.',
    labelNames,
    registers,
  })
  const oldest = new Gauge({
    name: 'worker_queue_oldest_seconds',
    help: 'For how long the oldest in a queue is due.',
    labelNames,
    registers,
  })
  // What has not happened yet is a zero, so that rates start where it happens first.
  for (const queue of queues) {
    done.inc({ queue }, 0)
    failed.inc({ queue }, 0)
  }
  async function refresh(): Promise<void> {
    depth.reset()
    oldest.reset()
    const found = await depths().catch(() => null)
    if (found === null) return
    for (const queue of queues) {
      const one = found.find((each) => each.queue === queue)
      depth.set({ queue }, one?.depth ?? 0)
      oldest.set({ queue }, one?.oldestSeconds ?? 0)
    }
  }
  return {
    contentType: registry.contentType,
    observer: {
      onTurn: ({ queue, items, durationMs }) => {
        done.inc({ queue }, items)
        duration.observe({ queue }, durationMs / 1000)
      },
      onFailure: ({ queue }) => failed.inc({ queue }),
    },
    async text() {
      await refresh()
      return registry.metrics()
    },
  }
}
