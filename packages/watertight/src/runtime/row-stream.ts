import { WatertightError } from '../errors/index.js'
import { ident, integer, sql, trustedSql } from '../sql/index.js'
import { hasCursor } from './cursor-statement.js'
import type { DriverResult, Statement } from './driver.js'
import { command } from './riders.js'

/** Rows of a stream that are fetched at once, unless told otherwise. */
const defaultBatchSize = 500
const maxBatchSize = 1_000_000

/** How a stream reads. */
export interface StreamOptions {
  /** Rows per round trip, and the most that are held in memory; 500 by default. */
  readonly batchSize?: number
}

/** What a stream needs of its transaction. */
export interface CursorHolder {
  newCursor(): string
  close(cursor: string): void
  execute(statements: readonly Statement[]): Promise<readonly DriverResult[]>
}

/** @throws INVALID_INPUT unless it is a whole number from 1. */
export function batchSizeOf({ batchSize = defaultBatchSize }: StreamOptions): number {
  if (Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= maxBatchSize) return batchSize
  throw new WatertightError(
    'INVALID_INPUT',
    `batchSize must be a whole number of rows, 1 to ${maxBatchSize}`,
  )
}

/**
 * Reads a statement through a cursor, one batch of rows per round trip and none before the consumer
 * asks. The first batch comes with the DECLARE. Leaving the loop closes the cursor. One without a
 * cursor (it writes, or is no query) is run once and whole, also where the loop is left early.
 */
export async function* streamRows(
  holder: CursorHolder,
  statement: Statement,
  batchSize: number,
): AsyncGenerator<unknown, void, undefined> {
  if (!hasCursor(statement.text)) {
    const [result] = await holder.execute([statement])
    yield* result?.rows ?? []
    return
  }
  const cursor = holder.newCursor()
  const { text, values, ...shape } = statement
  // The text is a statement of the caller, who may run any; a second command in it is refused.
  const declare = sql`declare ${ident(cursor)} no scroll cursor for ${trustedSql(text)}`.text
  const next = sql`fetch forward ${integer(batchSize)} from ${ident(cursor)}`.text
  const fetch: Statement = { ...shape, ...command(next) }
  let [, batch] = await holder.execute([{ text: declare, values }, fetch])
  try {
    while (batch !== undefined) {
      const { rows } = batch
      batch = undefined
      for (const row of rows) yield row
      if (rows.length < batchSize) return
      ;[batch] = await holder.execute([fetch])
    }
  } finally {
    holder.close(cursor)
  }
}
