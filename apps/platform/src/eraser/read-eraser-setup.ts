import type { Variables } from '../program/environment.js'
import { readEnvironment } from '../program/environment.js'

/** What the eraser is told by its environment. */
export interface EraserSetup {
  readonly databaseUrl: string
  /** Where exports are kept, which go with their tenant; null when they are kept elsewhere. */
  readonly exportFolder: string | null
  /** Seconds between looks for erasures that are due. */
  readonly interval: number
}

/**
 * Reads the environment of the eraser.
 *
 * @throws INVALID_INPUT with every problem at once; no value is shown.
 */
export function readEraserSetup(variables: Variables): EraserSetup {
  const read = readEnvironment(variables)
  const databaseUrl = read.databaseUrl('PLATFORM_ERASER_URL')
  const exportFolder = read.optional('PLATFORM_EXPORT_FOLDER')
  const interval = read.whole('PLATFORM_ERASER_INTERVAL', 60, 1, 3600)
  read.refuseProblems()
  return { databaseUrl, exportFolder, interval }
}
