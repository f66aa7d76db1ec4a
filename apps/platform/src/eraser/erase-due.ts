import type { Queryable } from 'watertight/sql'
import type { ExportStorage } from '../workers/exports/export-storage.js'
import {
  dueErasures,
  erasedLately,
  eraseTenantOf,
  noteFailure,
  noteFilesRemoved,
} from './erasure-repository.js'
import type { ErasureOutcome } from './erasure-repository.js'

/** An attempt at an erasure, or at removing the files of a tenant that is gone. */
export type EraserLine =
  | {
      readonly erasureId: string
      readonly outcome: ErasureOutcome | 'failed'
      /** SQLSTATE of a failure. */
      readonly code?: string
    }
  | {
      readonly tenantId: string
      readonly outcome: 'files_removed' | 'files_left'
      /** Of the error of the storage. */
      readonly code?: string
    }

/** Is told of every attempt. */
export type EraserLog = (line: EraserLine) => void

/**
 * Does the erasures that are due, one after the other. Each is one transaction of the database, so who
 * is killed in the middle has done nothing, and the next round does it. Exports of tenants that are gone
 * are files: they are removed in every round until that is noted, and for a week more.
 *
 * @param db one connection, logged in as the eraser
 * @param storage where exports are kept; null when that is not for the eraser
 * @returns how many tenants were erased
 */
export async function eraseDue(
  db: Queryable,
  storage: Pick<ExportStorage, 'removeTenant'> | null,
  log: EraserLog = () => undefined,
): Promise<number> {
  let erased = 0
  for (const erasureId of await dueErasures(db)) {
    try {
      const outcome = await eraseTenantOf(db, erasureId)
      if (outcome === 'erased') erased += 1
      log({ erasureId, outcome })
    } catch (error) {
      const code: unknown = Reflect.get(Object(error), 'code')
      // Without a connection there is nobody to tell: the erasure is still due in the next round.
      if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) throw error
      await noteFailure(db, erasureId, `SQLSTATE_${code}`)
      log({ erasureId, outcome: 'failed', code })
    }
  }
  if (storage !== null) await removeFiles(db, storage, log)
  return erased
}

/** What cannot be removed of one tenant is left to the next round, and keeps no other tenant's. */
async function removeFiles(
  db: Queryable,
  storage: Pick<ExportStorage, 'removeTenant'>,
  log: EraserLog,
): Promise<void> {
  for (const tenantId of await erasedLately(db)) {
    try {
      await storage.removeTenant(tenantId)
    } catch (error) {
      const code: unknown = Reflect.get(Object(error), 'code')
      log({ tenantId, outcome: 'files_left', code: typeof code === 'string' ? code : 'unknown' })
      continue
    }
    // INVARIANT: noted after they are gone, so that whoever dies in between removes them again.
    if (await noteFilesRemoved(db, tenantId)) log({ tenantId, outcome: 'files_removed' })
  }
}
