import pg from 'pg'
import { pgDriver } from 'watertight/pg'
import { createTxManager } from 'watertight/runtime'
import { auditRefusals } from '../keys/audit-refusals.js'
import { configureKeys } from '../keys/key-setup.js'
import { readKeySetup } from '../keys/read-key-setup.js'
import { smtpMailer } from '../mail/smtp-mailer.js'
import { localDirectoryStorage } from './exports/local-directory-storage.js'
import { sealedStorage } from './exports/sealed-storage.js'
import { queueDepths } from './queue-depths.js'
import { readWorkerSetup } from './read-worker-setup.js'
import { serveMetrics } from './serve-metrics.js'
import type { ServedMetrics } from './serve-metrics.js'
import { startWorkers } from './start-workers.js'
import { workerMetrics } from './worker-metrics.js'
import type { WorkerObserver } from './worker-observer.js'

/** Runs workers until the process is told to end, and then until what is in hand is finished. */
export async function runWorkerProcess(
  variables: Readonly<Record<string, string | undefined>>,
  log: (line: object) => void,
): Promise<void> {
  const setup = readWorkerSetup(variables)
  const pool = new pg.Pool({ connectionString: setup.databaseUrl, max: setup.poolSize })
  // An idle connection that breaks is replaced; the next statement says so if that fails.
  pool.on('error', () => undefined)
  const tx = createTxManager({
    pools: { worker: pgDriver(pool) },
    signingKey: setup.signingKey,
  })
  const refusals = auditRefusals(tx)
  const keys = readKeySetup(variables)
  if (keys !== undefined) configureKeys({ ...keys, onRefused: refusals.onRefused })
  const metrics = workerMetrics(setup.queues, () => queueDepths(tx))
  let served: ServedMetrics | undefined
  const mailer = setup.smtp === null ? undefined : smtpMailer(setup.smtp)
  try {
    await tx.start()
    if (setup.metrics !== null) {
      served = await serveMetrics(setup.metrics, metrics)
      log({ event: 'metrics', port: served.port })
    }
    const workers = startWorkers({
      tx,
      exportStorage: sealedStorage(localDirectoryStorage(setup.exportFolder)),
      webhooks: { loopbackTargets: setup.loopbackTargets },
      lease: setup.lease,
      ...(mailer !== undefined && { mailer }),
      queues: setup.queues,
      observer: bothOf(loggingObserver(log), metrics.observer),
    })
    log({ event: 'started', queues: setup.queues })
    await untilToldToEnd()
    log({ event: 'stopping' })
    await workers.stop()
    await refusals.settled().catch(() => undefined)
    await tx.close()
  } finally {
    await served?.close()
    await mailer?.close()
    await pool.end()
  }
}

function loggingObserver(log: (line: object) => void): WorkerObserver {
  return {
    onTurn: ({ queue, tenantId, items, durationMs }) => {
      if (items > 0) log({ event: 'turn', queue, tenantId, items, ms: Math.round(durationMs) })
    },
    onFailure: ({ queue, tenantId, error }) => {
      const { name = 'unknown', code = null } = Object(error) as { name?: string; code?: unknown }
      log({ event: 'failure', queue, tenantId, error: name, code })
    },
  }
}

/** Tells two observers. */
function bothOf(one: WorkerObserver, other: WorkerObserver): WorkerObserver {
  return {
    onTurn: (turn) => {
      one.onTurn?.(turn)
      other.onTurn?.(turn)
    },
    onFailure: (failure) => {
      one.onFailure?.(failure)
      other.onFailure?.(failure)
    },
  }
}

function untilToldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}
