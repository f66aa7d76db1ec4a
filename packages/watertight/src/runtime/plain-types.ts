import type { TypeParsers } from './driver.js'

const numeric: ReadonlySet<number> = new Set([20, 21, 23, 26])

/**
 * Reads rows that the library asks for itself: integers as numbers, all else as the server writes it.
 *
 * SECURITY: the parsers and transforms of a pool are the application's. A check that read through them
 * would decide on names and values that are no longer those of the server.
 */
export const plainTypes: TypeParsers = {
  getTypeParser: (oid) => (numeric.has(oid) ? Number : String),
}
