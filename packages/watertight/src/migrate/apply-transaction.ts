import { WatertightError } from '../errors/index.js'
import { sqlStateOf, toTypedError } from './server-errors.js'
import type { Queryable } from '../sql/index.js'

/** Options of everything that changes the isolation layer. */
export interface ChangeOptions {
  /** How long to wait for another change, or for a locked table; 10 s by default. */
  readonly lockTimeoutMs?: number
  /** Ends the change: what has been done is rolled back. */
  readonly signal?: AbortSignal
  /** Cancels the statement that is running, from another connection (`pg_cancel_backend`). */
  readonly cancel?: () => Promise<void>
}

/** Advisory lock of a database's isolation layer: "wtight" in ASCII. */
const advisoryLock = 0x777469676874

/**
 * Runs `change` in one transaction that no other change of this database's isolation layer can run
 * beside. Whatever goes wrong, an interruption included, nothing has changed.
 *
 * @throws LOCK_NOT_AVAILABLE, INTERRUPTED, MISSING_PRIVILEGE, STATEMENT_FAILED, CONNECTION_FAILED.
 */
export async function inChangeTransaction<T>(
  db: Queryable,
  options: ChangeOptions,
  change: () => Promise<T>,
): Promise<T> {
  const { signal, cancel, lockTimeoutMs = 10_000 } = options
  refuseIfAborted(signal)
  const onAbort = (): void => {
    // The running statement fails with 57014 and the transaction is rolled back below.
    cancel?.().catch(() => undefined)
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await db.query('begin isolation level read committed')
    await db.query(
      "select set_config('lock_timeout', $1, true), set_config('search_path', 'pg_catalog', true)",
      [`${lockTimeoutMs}ms`],
    )
    await db.query('select pg_advisory_xact_lock($1)', [advisoryLock])
    const result = await change()
    refuseIfAborted(signal)
    await commit(db)
    return result
  } catch (error) {
    await db.query('rollback').catch(() => undefined)
    if (signal?.aborted && (sqlStateOf(error) === '57014' || error instanceof WatertightError)) {
      throw interrupted(error)
    }
    throw toTypedError(error)
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

async function commit(db: Queryable): Promise<void> {
  const result = await db.query('commit')
  if (result.command === 'ROLLBACK') {
    throw new WatertightError(
      'TX_ABORTED',
      'the server rolled the change back instead of committing it',
    )
  }
}

/** Ends a change between two statements when it was interrupted. */
export function refuseIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted(signal.reason)
}

function interrupted(cause: unknown): WatertightError {
  return new WatertightError(
    'INTERRUPTED',
    'interrupted: everything was rolled back, nothing changed',
    {
      cause,
    },
  )
}
