import { CancelGuard } from './cancel-guard.js'
import { cancelQueryOf } from './pg-cancel.js'
import type { PgClient, PgConnection } from './pg-protocol.js'
import type { PreparedNames } from './prepared-names.js'

/** The flight in progress, as the connection and its session see it. */
export interface FlightEvents {
  ready(message: unknown): void
  parsed(): void
  copyOut(): void
  ended(): void
  interrupt(): void
}

/**
 * What a connection keeps from one transaction to the next. It listens once for what `pg` does not
 * pass on to the query in progress, and stays for as long as the client does.
 */
export class PgLink {
  readonly client: PgClient
  readonly prepared: PreparedNames
  readonly cancels: CancelGuard
  /** The flight in progress. */
  current: FlightEvents | null = null
  /** Set once the connection is gone; nothing brings it back. */
  lost: { readonly cause: unknown } | null = null
  #connection: PgConnection | null = null

  constructor(client: PgClient, prepared: PreparedNames) {
    this.client = client
    this.prepared = prepared
    this.cancels = new CancelGuard(cancelQueryOf(client))
    client.on('error', (cause) => (this.lost ??= { cause }))
  }

  listenTo(connection: PgConnection): void {
    if (this.#connection === connection) return
    this.#connection = connection
    // `pg` does not tell a query that has failed when the server is ready. First, because `pg` may
    // submit the next flight as it hears of the end of another query.
    connection.prependListener('readyForQuery', (message) => this.current?.ready(message))
    connection.on('parseComplete', () => this.current?.parsed())
    connection.on('copyOutResponse', () => this.current?.copyOut())
    connection.on('end', () => this.current?.ended())
  }
}
