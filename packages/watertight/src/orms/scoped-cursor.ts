import { AsyncResource } from 'node:async_hooks'
import type { Statement, TypeParsers } from '../runtime/index.js'
import type { Callback } from './query-arguments.js'
import { deliver } from './query-arguments.js'

/** What `pg-cursor` makes, and what ORMs call on it. */
interface PgCursor {
  readonly text: string
  readonly values?: readonly unknown[] | null
  read(count: number, callback?: Callback<unknown[]>): unknown
  close(callback?: Callback<void>): unknown
}

/** Opens the rows of a statement, read `batchSize` at a time. */
export type OpenRows = (
  statement: Statement,
  batchSize: number,
) => AsyncGenerator<unknown, void, undefined>

/** The cursor that was handed to a client: of `pg-cursor`, or that of a `pg-query-stream`. */
export function cursorOf(query: unknown): PgCursor | null {
  if (typeof query !== 'object' || query === null || !('submit' in query)) return null
  const cursor: unknown = 'cursor' in query ? query.cursor : query
  return isCursor(cursor) ? cursor : null
}

function isCursor(cursor: unknown): cursor is PgCursor {
  if (typeof cursor !== 'object' || cursor === null || !('text' in cursor)) return false
  const methods = ['read', 'close'].map((name): unknown => Reflect.get(cursor, name))
  return typeof cursor.text === 'string' && methods.every((method) => typeof method === 'function')
}

/** A cursor keeps what it was configured with under this name alone. */
function settingsOf(cursor: PgCursor): Pick<Statement, 'rowMode' | 'types'> {
  return (Reflect.get(cursor, '_conf') ?? {}) as Pick<Statement, 'rowMode' | 'types'>
}

/**
 * Makes a cursor read through the scope instead of a connection: nothing is sent before its first
 * `read`, whose number of rows is the size of the batches. `ownTypes` parse the rows of one that brings
 * no parsers.
 *
 * INVARIANT: it is opened where it was handed over, whoever reads it; a stream is read from
 * wherever its consumer happens to be.
 */
export function leadCursor(
  cursor: PgCursor,
  open: OpenRows,
  ownTypes: TypeParsers | undefined,
): void {
  const place = new AsyncResource('watertight.cursor')
  const { rowMode, types = ownTypes } = settingsOf(cursor)
  const statement: Statement = {
    text: cursor.text,
    values: cursor.values ?? [],
    ...(rowMode === 'array' && { rowMode }),
    ...(types !== undefined && { types }),
  }
  let rows: ReturnType<OpenRows> | null = null
  let isOver = false
  let failure: { readonly error: unknown } | null = null
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = last.then(() => place.runInAsyncScope(task))
    last = turn.catch(() => undefined)
    return turn
  }

  /** INVARIANT: what failed stays failed; a read after it must not look like the end of the rows. */
  async function read(count: number): Promise<unknown[]> {
    if (failure !== null) throw failure.error
    try {
      return await batchOf(count)
    } catch (error) {
      failure = { error }
      throw error
    }
  }

  async function batchOf(count: number): Promise<unknown[]> {
    const batch: unknown[] = []
    while (!isOver && batch.length < count) {
      rows ??= open(statement, count)
      const next = await rows.next()
      if (next.done === true) isOver = true
      else batch.push(next.value)
    }
    return batch
  }

  async function close(): Promise<void> {
    isOver = true
    await rows?.return()
  }

  Object.assign(cursor, {
    read: (count: number, callback?: Callback<unknown[]>) =>
      deliver(
        inTurn(() => read(count)),
        callback ?? null,
      ),
    close: (callback?: Callback<void>) => deliver(inTurn(close), callback ?? null),
  } satisfies Pick<PgCursor, 'read' | 'close'>)
}
