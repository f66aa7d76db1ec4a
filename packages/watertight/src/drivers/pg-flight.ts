import type {
  DriverResult,
  Flight,
  StatementFailure,
  TransactionStatus,
  TypeParsers,
} from '../runtime/driver.js'
import type { CopySink } from './copy-source.js'
import type { FlightCopy } from './flight-copy.js'
import type {
  EncodedValue,
  PgConnection,
  PgQuery,
  PgQueryClass,
  PgResult,
  PgSubmittable,
} from './pg-protocol.js'
import { MessageBuffer } from './pg-message-buffer.js'
import { isOfPostgres, readyEarly } from './server-error.js'

/** A statement with its values encoded and, when it is to be prepared, its name. */
export interface EncodedStatement {
  readonly text: string
  readonly values: EncodedValue[]
  readonly name: string | null
  readonly rowMode: 'array' | undefined
  /** Type parsers of this statement; null for those of the client. */
  readonly types: TypeParsers | null
  /** Nobody reads its result: it is not described and not parsed. */
  readonly discard: boolean
}

export interface FlightOptions {
  readonly queryClass: PgQueryClass
  /** Source of the type parsers: the client. */
  readonly types: unknown
  readonly binary: boolean
  /** Statement names that the server knows on this connection; the flight adds to it. */
  readonly prepared: Set<string>
  readonly copy: FlightCopy | null
}

interface Entry {
  readonly statement: EncodedStatement
  /** Parses the rows; null when nobody reads them. */
  readonly query: PgQuery | null
  result: PgResult | null
  decodingError: Error | null
}

const statuses: Readonly<Record<string, TransactionStatus>> = { I: 'idle', T: 'open', E: 'failed' }

/**
 * Several extended-protocol statements under one Sync, in the shape `client.query` takes. `pg`
 * forwards the server's messages to it while it is the active query; rows are parsed by one
 * `pg.Query` per statement, so type parsers and results are exactly those of `pg`.
 */
export class PgFlight implements PgSubmittable {
  /** Resolves when the server is ready again or the connection is gone; never rejects. */
  readonly outcome: Promise<Flight>
  /** With a `query_timeout`, `client.query` wraps it; calling it ends the timer. */
  callback: (error: Error | null) => void = () => undefined

  readonly #entries: readonly Entry[]
  readonly #options: FlightOptions
  readonly #parsing: string[] = []
  #settle: (flight: Flight) => void = () => undefined
  #connection: PgConnection | null = null
  #index = 0
  #failure: StatementFailure | null = null
  /** Position of a `COPY ... TO STDOUT`, whose data nobody takes. */
  #unread: number | null = null
  /** The last statement turned out to be the COPY that was announced. */
  #copying = false
  #synced = false
  #interrupted = false

  constructor(statements: readonly EncodedStatement[], options: FlightOptions) {
    this.#options = options
    this.#entries = statements.map((statement) => this.#entry(statement))
    this.outcome = new Promise((resolve) => (this.#settle = resolve))
  }

  /** The server gave a statement up, because of a cancel request or of a time-out. */
  get wasCancelled(): boolean {
    return (this.#failure?.cause as { code?: unknown } | undefined)?.code === '57014'
  }

  #entry(statement: EncodedStatement): Entry {
    const keep = (error: Error | null, result?: PgResult): void => {
      entry.decodingError = error
      entry.result = result ?? null
    }
    if (statement.discard) return { statement, query: null, result: null, decodingError: null }
    const { text, values, rowMode } = statement
    const config = { text, values, rowMode, types: statement.types ?? this.#options.types }
    const query = new this.#options.queryClass(config, undefined, keep)
    const entry: Entry = { statement, query, result: null, decodingError: null }
    return entry
  }

  submit(connection: PgConnection): null {
    this.#connection = connection
    connection.on('readyForQuery', this.#onReady)
    connection.on('parseComplete', this.#onParseComplete)
    connection.on('copyOutResponse', this.#onCopyOut)
    connection.on('end', this.#onEnd)
    const messages = new MessageBuffer(connection)
    for (const { statement } of this.#entries) this.#send(messages.connection, statement)
    // In copy-in mode the server ignores a Sync (manual, section 54.2.6), so it comes later.
    if (this.#options.copy?.direction === 'in' && this.#entries.length > 0) {
      messages.connection.flush()
    } else this.#sync(messages.connection)
    messages.write()
    return null
  }

  #sync(connection: PgConnection | null = this.#connection): void {
    if (this.#synced) return
    this.#synced = true
    connection?.sync()
  }

  #advance(): void {
    this.#index += 1
    if (this.#index === this.#entries.length) this.#sync()
  }

  #send(connection: PgConnection, { text, values, name, discard }: EncodedStatement): void {
    const statement = name ?? ''
    if (name === null || !(this.#options.prepared.has(name) || this.#parsing.includes(name))) {
      connection.parse({ name: statement, text, types: [] }, true)
      this.#parsing.push(statement)
    }
    const format = this.#options.binary ? { binary: 'true' } : {}
    connection.bind({ statement, values, ...format }, true)
    if (!discard) connection.describe({ type: 'P' }, true)
    connection.execute({}, true)
  }

  readonly #onParseComplete = (): void => {
    const name = this.#parsing.shift()
    if (name) this.#options.prepared.add(name)
  }

  handleRowDescription(message: unknown): void {
    this.#entries[this.#index]?.query?.handleRowDescription(message)
  }

  handleDataRow(message: unknown): void {
    this.#entries[this.#index]?.query?.handleDataRow(message)
  }

  handleCommandComplete(message: unknown, connection: PgConnection): void {
    this.#entries[this.#index]?.query?.handleCommandComplete(message, connection)
    this.#advance()
  }

  handleEmptyQuery(): void {
    this.#advance()
  }

  /** The error of a statement, of the connection, or a client-side time-out. */
  handleError(error: unknown): void {
    if (isServerError(error)) {
      // Not settled yet: the server is in order again only once it is ready, after the Sync.
      this.#failure ??= { index: this.#index, origin: 'server', cause: error }
      this.#stopSource()
      this.#sync()
    } else {
      this.#lose(error)
    }
  }

  /** Nothing to do: `pg` does not call it after an error, so the flight listens for itself. */
  handleReadyForQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: PgConnection): void {
    const { copy } = this.#options
    if (this.#index < this.#entries.length - 1) {
      connection.stream.destroy()
    } else if (copy?.direction === 'in') {
      this.#copying = true
      if (this.#interrupted) this.#failCopy('cancelled')
      else void copy.source.pump(this.#sinkOf(connection))
    } else {
      // The Sync that was sent is ignored in copy-in mode, so another has to follow.
      connection.sendCopyFail('COPY FROM STDIN needs a stream')
      connection.sync()
    }
  }

  #sinkOf(connection: PgConnection): CopySink {
    const { stream } = connection
    return {
      write: ({ buffer, byteOffset, byteLength }) => {
        connection.sendCopyFromChunk(Buffer.from(buffer, byteOffset, byteLength))
        if (stream.writableNeedDrain !== true) return undefined
        return new Promise((resolve) => stream.once('drain', resolve))
      },
      done: () => {
        connection.endCopyFrom()
        this.#sync()
      },
      // SECURITY: the message goes to the log of the server, so it is not that of the error.
      fail: () => this.#failCopy('the source of the data failed'),
    }
  }

  readonly #onCopyOut = (): void => {
    const { copy } = this.#options
    if (copy?.direction === 'out' && this.#index === this.#entries.length - 1) {
      this.#copying = true
      if (this.#connection !== null) copy.consumer.start(this.#connection.stream)
    } else {
      this.#unread ??= this.#index
    }
  }

  handleCopyData(message: { chunk: Uint8Array }): void {
    const { copy } = this.#options
    if (copy?.direction !== 'out' || !this.#copying) return
    // A copy, because pg reuses the memory behind the chunk.
    copy.consumer.accept(Uint8Array.from(message.chunk))
  }

  /**
   * Ends a COPY FROM STDIN from this side, for the server looks at cancel requests only between
   * the messages of it, and a source may wait for ever.
   */
  interrupt(): void {
    if (this.#options.copy?.direction !== 'in') return
    this.#interrupted = true
    this.#stopSource()
    if (this.#copying && !this.#synced) this.#failCopy('cancelled')
  }

  #failCopy(reason: string): void {
    this.#connection?.sendCopyFail(reason)
    this.#sync()
  }

  #stopSource(): void {
    const { copy } = this.#options
    if (copy?.direction === 'in') copy.source.stop()
  }

  readonly #onReady = (message: unknown): void => {
    // An unknown status is treated like an open transaction: the connection is not reused.
    const status = statuses[(message as { status?: string }).status ?? ''] ?? 'open'
    const { copy } = this.#options
    if (copy?.direction === 'out') void copy.consumer.finished().then(() => this.#land(status))
    else this.#land(status)
  }

  #land(status: TransactionStatus): void {
    const connection = this.#connection
    if (connection === null) return
    this.#stopSource()
    for (const { query } of this.#entries.slice(0, this.#index)) {
      query?.handleReadyForQuery(connection)
    }
    const { results, failure } = this.#results()
    if (failure === null && results.length < this.#entries.length) return this.#lose(readyEarly())
    this.#end({ kind: 'landed', results, failure, status })
  }

  #results(): { results: DriverResult[]; failure: StatementFailure | null } {
    const results: DriverResult[] = []
    for (const [index, { result, decodingError }] of this.#entries.entries()) {
      if (index >= this.#index) break
      if (this.#unread === index) {
        const cause = new TypeError('COPY TO STDOUT needs a stream')
        return { results, failure: { index, origin: 'client', cause } }
      }
      if (decodingError !== null) {
        return { results, failure: { index, origin: 'client', cause: decodingError } }
      }
      const copyFailure = this.#copyFailure(index)
      if (copyFailure !== null) return { results, failure: copyFailure }
      const { rows = [], rowCount = null, command, fields = [] } = result ?? {}
      results.push({ rows, rowCount, command: command ?? '', fields })
    }
    // What the consumer or the source threw comes before the error that the server made of it.
    return { results, failure: this.#copyFailure(this.#index) ?? this.#failure }
  }

  #copyFailure(index: number): StatementFailure | null {
    const { copy } = this.#options
    if (copy === null || index !== this.#entries.length - 1) return null
    const thrown = copy.direction === 'out' ? copy.consumer.failure : copy.source.failure
    if (thrown !== null) return { index, origin: 'client', cause: thrown.cause }
    if (this.#copying || this.#failure !== null) return null
    const expected = copy.direction === 'out' ? 'TO STDOUT' : 'FROM STDIN'
    const cause = new TypeError(`the last statement is not COPY ... ${expected}`)
    return { index, origin: 'client', cause }
  }

  readonly #onEnd = (): void => {
    this.#lose(new Error('Connection terminated unexpectedly'))
  }

  #lose(error: unknown): void {
    const { copy } = this.#options
    if (copy?.direction === 'out') copy.consumer.stop()
    else this.#stopSource()
    const fatal = this.#failure?.cause
    this.#end({
      kind: 'lost',
      sent: this.#connection !== null,
      refused: isOfPostgres(fatal) && this.#index < this.#entries.length,
      cause: fatal ?? error,
    })
  }

  #end(flight: Flight): void {
    const connection = this.#connection
    connection?.removeListener('readyForQuery', this.#onReady)
    connection?.removeListener('parseComplete', this.#onParseComplete)
    connection?.removeListener('copyOutResponse', this.#onCopyOut)
    connection?.removeListener('end', this.#onEnd)
    this.callback(null)
    this.callback = () => undefined
    this.#settle(flight)
  }
}

/** Errors that PostgreSQL sent carry a severity; those of sockets and timers do not. */
function isServerError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error && 'code' in error
}
