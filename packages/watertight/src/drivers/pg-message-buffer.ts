import type { PgConnection } from './pg-protocol.js'

/**
 * Collects the messages of a flight, so that they leave in one buffer: for `pg` each message is a
 * write of its own, and several small ones cost more than a large one.
 */
export class MessageBuffer {
  /** The connection, except that what it sends is kept. */
  readonly connection: PgConnection
  readonly #target: PgConnection
  readonly #messages: Uint8Array[] = []

  constructor(connection: PgConnection) {
    this.#target = connection
    const stream = {
      writable: true,
      write: (message: Uint8Array) => this.#messages.push(message) > 0,
    }
    this.connection = Object.create(connection, { stream: { value: stream } }) as PgConnection
  }

  /** Sends what was kept. */
  write(): void {
    const { stream } = this.#target
    if (stream.writable !== false) stream.write(Buffer.concat(this.#messages))
  }
}
