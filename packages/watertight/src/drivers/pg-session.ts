import type {
  Flight,
  LandedFlight,
  Session,
  Statement,
  TransactionStatus,
} from '../runtime/driver.js'
import { CancelGuard } from './cancel-guard.js'
import { CopyConsumer } from './copy-consumer.js'
import { CopySource } from './copy-source.js'
import { cancelQueryOf } from './pg-cancel.js'
import type { FlightCopy } from './flight-copy.js'
import type { EncodedStatement } from './pg-flight.js'
import { PgFlight } from './pg-flight.js'
import type { PgClient, PgQueryClass } from './pg-protocol.js'
import { valueMapperOf } from './pg-protocol.js'
import type { PreparedNames } from './prepared-names.js'
import { checkStatement } from './statement-names.js'

export interface PgSessionOptions {
  readonly client: PgClient
  readonly queryClass: PgQueryClass
  readonly prepared: PreparedNames
  readonly release: (destroy: boolean) => void
}

/** One connection of `pg`, held by one transaction. */
export class PgSession implements Session {
  readonly #client: PgClient
  readonly #options: PgSessionOptions
  readonly #cancels: CancelGuard
  #status: TransactionStatus = 'idle'
  #current: PgFlight | null = null
  #lost: { readonly cause: unknown } | null = null

  constructor(options: PgSessionOptions) {
    this.#options = options
    this.#client = options.client
    this.#cancels = new CancelGuard(cancelQueryOf(options.client))
    this.#client.on('error', this.#onError)
  }

  readonly #onError = (cause: unknown): void => {
    this.#lost ??= { cause }
  }

  async flight(statements: readonly Statement[]): Promise<Flight> {
    const { prepared } = this.#options
    const wasIdle = this.#status === 'idle'
    const isNamed = prepared.mayName(statements, wasIdle)
    const outcome = await this.#fly(statements, null, isNamed)
    if (!isNamed || !prepared.hasGoneStale(outcome, statements) || !wasIdle) return outcome
    return this.#fly(statements, null, false)
  }

  copyOut(
    statements: readonly Statement[],
    onChunk: (chunk: Uint8Array) => void | Promise<void>,
  ): Promise<Flight> {
    // The rest of the data is not wanted; without a cancel the server would send all of it.
    const consumer = new CopyConsumer(onChunk, () => void this.cancel())
    return this.#fly(statements, { direction: 'out', consumer }, false)
  }

  copyIn(statements: readonly Statement[], source: AsyncIterable<Uint8Array>): Promise<Flight> {
    return this.#fly(statements, { direction: 'in', source: new CopySource(source) }, false)
  }

  cancel(): Promise<void> {
    if (this.#lost !== null || this.#current === null) return Promise.resolve()
    this.#current.interrupt()
    return this.#cancels.cancel()
  }

  async #fly(
    statements: readonly Statement[],
    copy: FlightCopy | null,
    isNamed: boolean,
  ): Promise<Flight> {
    if (this.#cancels.pending !== null) await this.#cancels.pending
    if (this.#lost !== null) {
      if (copy?.direction === 'in') copy.source.stop()
      return { kind: 'lost', sent: false, refused: false, cause: this.#lost.cause }
    }
    const encoded: EncodedStatement[] = []
    for (const [index, statement] of statements.entries()) {
      try {
        encoded.push(this.#encode(statement, isNamed))
      } catch (cause) {
        if (copy?.direction === 'in') copy.source.stop()
        return this.#unsent(index, cause)
      }
    }
    const { queryClass, prepared } = this.#options
    const flight = new PgFlight(encoded, {
      queryClass,
      types: this.#client,
      binary: 'binary' in this.#client && this.#client.binary === true,
      prepared: prepared.known,
      copy,
    })
    this.#current = flight
    this.#cancels.started()
    this.#client.query(flight)
    const outcome = await flight.outcome
    this.#current = null
    this.#cancels.landed(flight.wasCancelled)
    if (outcome.kind === 'lost') this.#lost ??= outcome
    else this.#status = outcome.status
    return outcome
  }

  #unsent(index: number, cause: unknown): LandedFlight {
    const failure = { index, origin: 'client', cause } as const
    return { kind: 'landed', results: [], failure, status: this.#status }
  }

  #encode(statement: Statement, isNamed: boolean): EncodedStatement {
    const { text, values, rowMode, types, discard } = statement
    checkStatement(text, values)
    return {
      text,
      values: values.map(valueMapperOf(this.#options.queryClass)),
      name: isNamed ? this.#options.prepared.nameOf(statement) : null,
      rowMode,
      types: types ?? null,
      discard: discard === true,
    }
  }

  release(destroy: boolean): void {
    const release = (): void => {
      const { pending } = this.#cancels
      if (pending !== null) {
        void pending.then(release)
        return
      }
      this.#options.release(destroy || this.#lost !== null || this.#cancels.tainted)
      // The pool listens again from here on.
      this.#client.removeListener('error', this.#onError)
    }
    release()
  }
}
