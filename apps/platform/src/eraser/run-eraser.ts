import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import { connectAdmin } from '../boot/connect-admin.js'
import type { Variables } from '../program/environment.js'
import { endingSignal } from '../program/ending-signal.js'
import type { ExportStorage } from '../workers/exports/export-storage.js'
import { localDirectoryStorage } from '../workers/exports/local-directory-storage.js'
import { eraseDue } from './erase-due.js'
import { readEraserSetup } from './read-eraser-setup.js'

/** What the eraser works with. */
export interface EraserOptions {
  /** Of the eraser's login. */
  readonly databaseUrl: string
  /** Where exports are kept, which go with their tenant; null when that is not for the eraser. */
  readonly storage: Pick<ExportStorage, 'removeTenant'> | null
  /** Seconds between looks for erasures that are due. */
  readonly interval: number
  readonly log: (line: object) => void
}

/** Erases tenants until the process is told to end. */
export async function runEraser(variables: Variables, log: (line: object) => void): Promise<void> {
  const { databaseUrl, exportFolder, interval } = readEraserSetup(variables)
  const signal = endingSignal()
  const storage = exportFolder === null ? null : localDirectoryStorage(exportFolder)
  await eraseInRounds({ databaseUrl, storage, interval, log }, signal)
}

/**
 * Erases tenants until the signal fires, and finishes the round that it is in. A connection that breaks
 * is opened anew in the next round; no signing key is needed, because the eraser's role may do nothing
 * but call the functions that erase.
 */
export async function eraseInRounds(options: EraserOptions, signal: AbortSignal): Promise<void> {
  const { databaseUrl, storage, interval, log } = options
  log({ event: 'started' })
  while (!signal.aborted) {
    let client: pg.Client | undefined
    try {
      client = await connectAdmin(databaseUrl, 'PLATFORM_ERASER_URL')
      await eraseDue(client, storage, (line) => log({ event: 'erasure', ...line }))
    } catch (error) {
      const { name = 'unknown', code = null } = Object(error) as { name?: string; code?: unknown }
      log({ event: 'failure', error: name, code })
    } finally {
      await client?.end().catch(() => undefined)
    }
    await pause(interval * 1000, signal)
  }
  log({ event: 'stopped' })
}

/** Waits, or less when the signal fires; nothing is left at the signal, whose program runs for months. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch(() => undefined)
}
