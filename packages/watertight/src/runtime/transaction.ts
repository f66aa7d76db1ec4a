import type { Queryable, StatementResult } from '../sql/index.js'
import type { CopySource } from './copy-stream.js'
import type { Statement } from './driver.js'
import type { StreamOptions } from './row-stream.js'
import type { BatchItem } from './statement.js'
import type { TenantContext } from './tenant-context.js'

/** The statements that a transaction runs, whatever it runs as. */
export interface TransactionVerbs extends Queryable {
  /**
   * Runs one statement in the transaction; one round trip.
   *
   * @throws ACCESS_DENIED, STATEMENT_FAILED, CONNECTION_FAILED; TX_CLOSED after the transaction,
   * ABORTED after its signal; INVALID_INPUT for BEGIN, COMMIT and the like.
   */
  query<Row = Record<string, unknown>>(
    text: string | Statement,
    values?: readonly unknown[],
  ): Promise<StatementResult<Row>>
  /**
   * Runs several statements in order, in one round trip for all. Those after a failed one are not
   * executed; `problems` of the error says which failed.
   *
   * @throws as {@link TransactionVerbs.query}.
   */
  batch(statements: readonly BatchItem[]): Promise<StatementResult[]>
  /**
   * Reads through a cursor, so that any number of rows takes little memory. The first batch comes
   * in one round trip; leaving the loop early closes the cursor. Other statements may run meanwhile.
   * A statement that writes (`insert ... returning`) is run whole, and its rows are in memory.
   *
   * @throws as {@link TransactionVerbs.query}, from the loop.
   */
  stream<Row = Record<string, unknown>>(
    text: string | Statement,
    values?: readonly unknown[],
    options?: StreamOptions,
  ): AsyncIterable<Row>
  /**
   * Runs `COPY ... TO STDOUT` and yields chunks of its output. Other statements wait until it ends;
   * leaving the loop early cancels it and leaves the transaction whole.
   *
   * @throws as {@link TransactionVerbs.query}, from the loop.
   */
  copyTo(text: string | Statement, values?: readonly unknown[]): AsyncIterable<Uint8Array>
  /**
   * Runs `COPY ... FROM STDIN` with what `source` yields; resolves with the number of rows. What
   * the source throws is thrown, and nothing of it is stored. PostgreSQL refuses it on tables with
   * RLS (SQLSTATE 0A000).
   *
   * @throws as {@link TransactionVerbs.query}.
   */
  copyFrom(text: string | Statement, source: CopySource): Promise<number>
}

/** The handle that `run` passes to its function. It dies with its transaction or savepoint. */
export interface Transaction extends TransactionVerbs {
  readonly context: TenantContext
}
