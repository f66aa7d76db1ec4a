import type { TransactionVerbs } from 'watertight/runtime'

/**
 * The bytes of a reply that is too large to be held: sent as they are read, after the transaction of
 * the call has ended, so that a slow client holds no connection of the database.
 */
export class StreamedBody {
  /** How many bytes there are. */
  readonly byteCount: number
  /** Reads them; each statement is a transaction of its own, as a job of the caller's tenant. */
  readonly open: (db: Pick<TransactionVerbs, 'query'>) => AsyncIterable<Uint8Array>

  constructor(
    byteCount: number,
    open: (db: Pick<TransactionVerbs, 'query'>) => AsyncIterable<Uint8Array>,
  ) {
    this.byteCount = byteCount
    this.open = open
  }
}
