/** Finds the function that makes a JavaScript value of what the server sent for a type. */
export interface TypeParsers {
  getTypeParser(oid: number, format?: string): (value: string) => unknown
}

/** One extended-protocol statement: exactly one command, values as bind parameters. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** Rows as arrays of column values rather than as objects. */
  readonly rowMode?: 'array'
  /** Type parsers of this statement alone; those of the pool by default. */
  readonly types?: TypeParsers
  /** Nobody reads its result, so that a driver may leave it empty and save the description. */
  readonly discard?: true
}

/** A column of a result, as the server describes it (manual, section 54.7, RowDescription). */
export interface ResultField {
  readonly name: string
  /** Object id of the type of the column. */
  readonly dataTypeID: number
}

/** What one statement of a flight returned. */
export interface DriverResult {
  readonly rows: unknown[]
  readonly rowCount: number | null
  /** First word of the command tag: `SELECT`, `COMMIT`, ... */
  readonly command: string
  /** The columns, also of a result without rows; empty for a command that returns none. */
  readonly fields: readonly ResultField[]
}

/** Transaction status that the server reports when it is ready (manual, section 54.7). */
export type TransactionStatus = 'idle' | 'open' | 'failed'

/** Why a statement of a flight has no result. */
export interface StatementFailure {
  /** Position of the statement in the flight; those after it were not executed. */
  readonly index: number
  /** `server`: rejected by PostgreSQL. `client`: a value or row could not be converted. */
  readonly origin: 'server' | 'client'
  /** What the driver reported. */
  readonly cause: unknown
}

/** The server answered the flight; it is ready for the next one. */
export interface LandedFlight {
  readonly kind: 'landed'
  /** Results of the statements before the failure, or of all. */
  readonly results: readonly DriverResult[]
  readonly failure: StatementFailure | null
  readonly status: TransactionStatus
}

/** The connection broke before the server was ready again. */
export interface LostFlight {
  readonly kind: 'lost'
  /** False when nothing of the flight was written to the connection. */
  readonly sent: boolean
  /**
   * True when the server ended the session before the last statement had completed. False when a
   * pooler says so: it cannot know what its server did.
   */
  readonly refused: boolean
  readonly cause: unknown
}

export type Flight = LandedFlight | LostFlight

/**
 * One connection, held by one transaction. INVARIANT: callers start a flight only after the one
 * before it has settled.
 */
export interface Session {
  /**
   * Sends the statements under ONE Sync, which costs one round trip, and never rejects: a failed
   * statement and a broken connection are outcomes. Statements after a failed one are skipped by
   * the server.
   */
  flight(statements: readonly Statement[]): Promise<Flight>
  /**
   * Asks the server, on a connection of its own, to cancel the flight in progress, and resolves
   * when the server has acted on it or cannot be reached; never rejects. Without a flight in
   * progress it does nothing. The flight ends by itself: with SQLSTATE 57014, or as if nothing had
   * happened when it was done by then.
   *
   * INVARIANT: no later flight can be hit. The next flight waits for the request to be over, and
   * so does the pool; a connection on which the request may still arrive is closed.
   */
  cancel(): Promise<void>
  /**
   * A flight whose last statement is `COPY ... TO STDOUT`. The server is not read from while the
   * promise of a chunk is pending. When `onChunk` throws, the statement is cancelled and has
   * failed with origin `client` and what was thrown. Chunks need not end where rows do.
   */
  copyOut(
    statements: readonly Statement[],
    onChunk: (chunk: Uint8Array) => void | Promise<void>,
  ): Promise<Flight>
  /**
   * A flight whose last statement is `COPY ... FROM STDIN`, fed from `source` no faster than the
   * server reads. When the source throws, the server stores nothing of it and the statement has
   * failed with origin `client` and what was thrown. Costs two round trips.
   */
  copyIn(statements: readonly Statement[], source: AsyncIterable<Uint8Array>): Promise<Flight>
  /** Gives the connection back to its pool, or closes it. */
  release(destroy: boolean): void
}

/** The port that each database driver implements: a source of connections of one role. */
export interface Driver {
  /** Rejects with whatever the driver reports when no connection can be had. */
  acquire(): Promise<Session>
}
