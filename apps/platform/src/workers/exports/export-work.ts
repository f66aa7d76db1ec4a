import { createHash } from 'node:crypto'
import { WatertightError } from 'watertight/errors'
import type { Transaction, TxManager } from 'watertight/runtime'
import { enqueue } from '../../outbox/enqueue.js'
import type { Work } from '../queue-loop.js'
import { planOf } from './export-plan.js'
import type { ExportPlan } from './export-plan.js'
import {
  failExport,
  finishExport,
  holdExport,
  lockExpired,
  markExpired,
  takeExport,
} from './export-repository.js'
import type { QueuedExport } from './export-repository.js'
import { ExportRefused } from './export-scope.js'
import type { ExportStorage } from './export-storage.js'

const maxAttempts = 5
const expiredPerTurn = 20
/** Seconds that an export may take; its context ends then, and with it the transaction. */
const contextSeconds = 3600

/**
 * Makes exports that are queued and removes those whose time is over. An export is read and becomes
 * ready in one transaction, on one snapshot, under a row lock: a worker that dies leaves a queued
 * export, and nobody else makes the same one meanwhile.
 */
export function exportWork(tx: Pick<TxManager, 'asWorker'>, storage: ExportStorage): Work {
  return async function makeExport(tenantId) {
    const tenant = { tenantId, orgScope: 'all' } as const
    const worker = (): ReturnType<typeof tx.asWorker> => tx.asWorker(tenant)
    const expired = await worker().run((db) => removeExpired(db, tenantId, storage))
    const wanted = await worker().run((db) => takeExport(db))
    if (wanted === undefined) return expired
    try {
      const plan = planOf(wanted)
      const expiresAt = Math.floor(Date.now() / 1000) + contextSeconds
      await tx
        .asWorker({ tenantId, expiresAt, ...plan.scope })
        .run((db) => produce(db, wanted, { plan, storage, tenantId }), {
          isolationLevel: 'repeatable read',
        })
    } catch (error) {
      const reason = reasonToFail(error, wanted)
      if (reason === null) throw error
      await worker().run((db) => failExport(db, wanted.id, reason))
    }
    return expired + 1
  }
}

interface Production {
  readonly tenantId: string
  readonly plan: ExportPlan
  readonly storage: ExportStorage
}

async function produce(
  db: Transaction,
  { id: exportId }: QueuedExport,
  { tenantId, plan, storage }: Production,
): Promise<void> {
  if (!(await holdExport(db, exportId))) return
  const { chunks, rowCount } = plan.bytes(db)
  const hash = createHash('sha256')
  let byteCount = 0
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk)
      byteCount += chunk.length
      yield chunk
    }
  }
  const place = { db, tenantId, exportId, extension: plan.format }
  const reference = await storage.write(place, measured())
  const sha256 = hash.digest()
  await finishExport(db, exportId, { reference, sha256, byteCount, rowCount: rowCount() })
  await enqueue(db, 'export.ready', { exportId })
}

/** Bytes go before their record: what is left of a crash is an export that is removed again. */
async function removeExpired(
  db: Transaction,
  tenantId: string,
  storage: ExportStorage,
): Promise<number> {
  const expired = await lockExpired(db, expiredPerTurn)
  for (const { id: exportId, reference } of expired) {
    if (reference !== null) await storage.remove({ db, tenantId, exportId, reference })
  }
  if (expired.length > 0) {
    await markExpired(
      db,
      expired.map(({ id }) => id),
    )
  }
  return expired.length
}

/** Why an export is given up; null when it is tried again. */
function reasonToFail(error: unknown, { attempts }: QueuedExport): string | null {
  if (error instanceof ExportRefused) return error.message
  // A worker of the same tenant was faster.
  const isRace = error instanceof WatertightError && error.sqlState === '40001'
  if (isRace || attempts < maxAttempts) return null
  return `given up after ${String(attempts)} attempts`
}
