import { WatertightError } from '../errors/index.js'
import type { PgLease, PgPool, PgSingleClient } from './pg-protocol.js'

/** True for a `pg.Client`; a pool has no type parsers of its own. */
export function isSingleClient(source: PgPool | PgSingleClient): source is PgSingleClient {
  return 'getTypeParser' in source && 'query' in source && 'end' in source
}

/**
 * The one connection of a `pg.Client`: who asks while it is taken waits, in order.
 * INVARIANT: it is never handed out twice at a time.
 */
export class SingleClient {
  readonly #client: PgSingleClient
  #turn: Promise<void> = Promise.resolve()
  #opened: Promise<unknown> | null = null
  #ended: { readonly cause: unknown } | null = null

  constructor(client: PgSingleClient) {
    this.#client = client
    // Without a listener the end of the connection would end the process.
    client.on('error', (cause) => (this.#ended ??= { cause }))
    client.on('end', () => (this.#ended ??= { cause: new Error('the client has ended') }))
  }

  lease(): Promise<PgLease> {
    return new Promise((resolve, reject) => {
      const taken = this.#turn.then(async () => {
        await this.#open()
        await new Promise<void>((released) => resolve(this.#lend(released)))
      })
      this.#turn = taken.catch(reject)
    })
  }

  /** Connects a client that its owner has not connected. */
  async #open(): Promise<void> {
    if (this.#ended === null && !isConnected(this.#client)) {
      this.#opened ??= this.#client.connect()
      await this.#opened
    }
    if (this.#ended === null) return
    throw new WatertightError('CONNECTION_FAILED', 'the client is closed; see cause', {
      cause: this.#ended.cause,
      hint: 'Give pgDriver a pool, which replaces connections that break.',
    })
  }

  #lend(released: () => void): PgLease {
    const client = this.#client
    return {
      client,
      release: (destroy) => {
        if (destroy) {
          this.#ended ??= { cause: new Error('the connection was not fit for reuse') }
          void client.end().catch(() => undefined)
        }
        released()
      },
    }
  }
}

/** The server has given the client a backend, or is about to. */
function isConnected(client: object): boolean {
  const { processID, _connecting } = client as { processID?: unknown; _connecting?: unknown }
  return typeof processID === 'number' || _connecting === true
}
