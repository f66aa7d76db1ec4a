import type {
  Flight,
  LandedFlight,
  Session,
  Statement,
  TransactionStatus,
} from '../runtime/driver.js'
import { CopyConsumer } from './copy-consumer.js'
import { CopySource } from './copy-source.js'
import type { FlightCopy } from './flight-copy.js'
import type { EncodedStatement } from './pg-flight.js'
import { PgFlight } from './pg-flight.js'
import type { PgLink } from './pg-link.js'
import type { ValueMapper } from './pg-protocol.js'
import { flyAgain } from './stale-statement.js'
import { checkStatement } from './statement-names.js'

export interface PgSessionOptions {
  readonly link: PgLink
  readonly toWire: ValueMapper
  readonly release: (destroy: boolean) => void
}

/** One connection of `pg`, held by one transaction. */
export class PgSession implements Session {
  readonly #link: PgLink
  readonly #options: PgSessionOptions
  #status: TransactionStatus = 'idle'

  constructor(options: PgSessionOptions) {
    this.#options = options
    this.#link = options.link
  }

  flight(statements: readonly Statement[]): Promise<Flight> {
    const { prepared } = this.#link
    if (!prepared.areUsed) return this.#fly(statements, null, false)
    const wasIdle = this.#status === 'idle'
    return new Promise((resolve) => {
      this.#start(statements, null, true, (outcome) => {
        if (!prepared.hasGoneStale(outcome, statements) || !wasIdle) resolve(outcome)
        else resolve(flyAgain(outcome, statements, (again) => this.#fly(again, null, false)))
      })
    })
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
    const { lost, current, cancels } = this.#link
    if (lost !== null || current === null) return Promise.resolve()
    current.interrupt()
    return cancels.cancel()
  }

  #fly(
    statements: readonly Statement[],
    copy: FlightCopy | null,
    isNamed: boolean,
  ): Promise<Flight> {
    return new Promise((resolve) => this.#start(statements, copy, isNamed, resolve))
  }

  #start(
    statements: readonly Statement[],
    copy: FlightCopy | null,
    isNamed: boolean,
    settle: (flight: Flight) => void,
  ): void {
    const { cancels } = this.#link
    if (cancels.pending === null) this.#send(statements, copy, isNamed, settle)
    else void cancels.pending.then(() => this.#send(statements, copy, isNamed, settle))
  }

  #send(
    statements: readonly Statement[],
    copy: FlightCopy | null,
    isNamed: boolean,
    settle: (flight: Flight) => void,
  ): void {
    const link = this.#link
    if (link.lost !== null) {
      if (copy?.direction === 'in') copy.source.stop()
      settle({ kind: 'lost', sent: false, refused: false, cause: link.lost.cause })
      return
    }
    const encoded: EncodedStatement[] = []
    for (const statement of statements) {
      try {
        encoded.push(this.#encode(statement, isNamed))
      } catch (cause) {
        if (copy?.direction === 'in') copy.source.stop()
        settle(this.#unsent(encoded.length, cause))
        return
      }
    }
    const flight = new PgFlight(encoded, link, copy, (outcome) => {
      link.current = null
      link.cancels.landed(flight.wasCancelled)
      if (outcome.kind === 'lost') link.lost ??= outcome
      else this.#status = outcome.status
      settle(outcome)
    })
    try {
      flight.write()
    } catch (cause) {
      if (copy?.direction === 'in') copy.source.stop()
      settle(this.#unsent(0, cause))
      return
    }
    link.current = flight
    link.cancels.started()
    link.client.query(flight)
  }

  #unsent(index: number, cause: unknown): LandedFlight {
    const failure = { index, origin: 'client', cause } as const
    return { kind: 'landed', results: [], failure, status: this.#status }
  }

  #encode(statement: Statement, isNamed: boolean): EncodedStatement {
    const { text, values } = statement
    checkStatement(text, values)
    return {
      statement,
      values: values.map(this.#options.toWire),
      name: isNamed ? this.#link.prepared.nameOf(statement) : null,
    }
  }

  release(destroy: boolean): void {
    const { cancels, lost } = this.#link
    if (cancels.pending !== null) void cancels.pending.then(() => this.release(destroy))
    else this.#options.release(destroy || lost !== null || cancels.tainted)
  }
}
