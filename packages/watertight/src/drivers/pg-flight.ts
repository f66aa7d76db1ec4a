import type {
  DriverResult,
  Flight,
  Statement,
  StatementFailure,
  TransactionStatus,
} from '../runtime/driver.js'
import type { CopySink } from './copy-source.js'
import type { FlightCopy } from './flight-copy.js'
import type { PgLink } from './pg-link.js'
import type { PgConnection, PgSubmittable } from './pg-protocol.js'
import type { PgField } from './pg-rows.js'
import { readTag, RowReader, RowShape } from './pg-rows.js'
import { isOfPostgres, readyEarly } from './server-error.js'
import type { WireValue } from './wire-writer.js'
import { WireWriter } from './wire-writer.js'

/** A statement with its values encoded and, when it is to be prepared, its name. */
export interface EncodedStatement {
  readonly statement: Statement
  readonly values: readonly WireValue[]
  readonly name: string | null
}

/** A statement under way. */
interface Entry extends EncodedStatement {
  shape: RowShape | null
  reader: RowReader | null
  readonly rows: unknown[]
  command: string
  rowCount: number | null
  /** What a type parser threw; the rows from there on are not read. */
  unreadable: { readonly cause: unknown } | null
}

const statuses: Readonly<Record<string, TransactionStatus>> = { I: 'idle', T: 'open', E: 'failed' }

/** Shared, because the messages of a flight are written without a break. */
const writer = new WireWriter()

/**
 * Several extended-protocol statements under one Sync, in the shape `client.query` takes. `pg`
 * forwards the server's messages to it while it is the active query, and parses them; values are
 * read by the type parsers of the client, so results are those of `pg`.
 */
export class PgFlight implements PgSubmittable {
  /** With a `query_timeout`, `client.query` wraps it; calling it ends the timer. */
  callback: (error: Error | null) => void = () => undefined

  readonly #entries: readonly Entry[]
  readonly #link: PgLink
  readonly #copy: FlightCopy | null
  readonly #parsing: string[] = []
  #messages: Buffer | null = null
  readonly #settle: (flight: Flight) => void
  #connection: PgConnection | null = null
  #index = 0
  #failure: StatementFailure | null = null
  /** Position of a `COPY ... TO STDOUT`, whose data nobody takes. */
  #unread: number | null = null
  /** The last statement turned out to be the COPY that was announced. */
  #copying = false
  #synced = false
  #interrupted = false
  #over = false

  /** `settle` is called once: when the server is ready again, or the connection is gone. */
  constructor(
    statements: readonly EncodedStatement[],
    link: PgLink,
    copy: FlightCopy | null,
    settle: (flight: Flight) => void,
  ) {
    this.#entries = statements.map(({ statement, values, name }) => ({
      statement,
      values,
      name,
      shape: null,
      reader: null,
      rows: [],
      command: '',
      rowCount: null,
      unreadable: null,
    }))
    this.#link = link
    this.#copy = copy
    this.#settle = settle
  }

  /** The server gave a statement up, because of a cancel request or of a time-out. */
  get wasCancelled(): boolean {
    return (this.#failure?.cause as { code?: unknown } | undefined)?.code === '57014'
  }

  /**
   * Makes the messages of the flight.
   *
   * @throws whatever stands against it, such as a value that is too large; nothing of it is sent.
   */
  write(): void {
    const { closing } = this.#link.prepared
    try {
      // First, for what follows an error is skipped.
      for (const name of closing) writer.closeStatement(name)
      for (const entry of this.#entries) this.#write(entry)
      // In copy-in mode the server ignores a Sync (manual, section 54.2.6), so it comes later.
      if (this.#copy?.direction === 'in' && this.#entries.length > 0) {
        writer.flush()
      } else {
        this.#synced = true
        writer.sync()
      }
      // One buffer: for `pg` each message is a write of its own.
      this.#messages = writer.take()
      closing.clear()
    } finally {
      // SECURITY: what was begun of this flight must not go out with the next one, of another tenant.
      writer.clear()
    }
  }

  submit(connection: PgConnection): null {
    this.#connection = connection
    this.#link.listenTo(connection)
    const { stream } = connection
    if (this.#messages !== null && stream.writable !== false) stream.write(this.#messages)
    this.#messages = null
    return null
  }

  #write(entry: Entry): void {
    const { statement, values, name } = entry
    const { known, keepsShapes } = this.#link.prepared
    if (name === null || !(known.has(name) || this.#parsing.includes(name))) {
      writer.parse(name ?? '', statement.text, [])
      this.#parsing.push(name ?? '')
    }
    const { client } = this.#link
    writer.bind(name ?? '', values, 'binary' in client && client.binary === true)
    if (name !== null && keepsShapes) entry.shape = known.get(name) ?? null
    if (statement.discard !== true && entry.shape === null) writer.describePortal()
    writer.execute()
  }

  #sync(): void {
    if (this.#synced) return
    this.#synced = true
    this.#connection?.sync()
  }

  #advance(): void {
    this.#index += 1
    if (this.#index === this.#entries.length) this.#sync()
  }

  parsed(): void {
    const name = this.#parsing.shift()
    if (name) this.#link.prepared.known.set(name, null)
  }

  handleRowDescription(message: { fields: readonly PgField[] }): void {
    const entry = this.#entries[this.#index]
    if (entry === undefined) return
    entry.shape = new RowShape(message.fields)
    const { known } = this.#link.prepared
    if (entry.name !== null && known.has(entry.name)) known.set(entry.name, entry.shape)
  }

  handleDataRow(message: { fields: readonly (string | null)[] }): void {
    const entry = this.#entries[this.#index]
    if (entry === undefined || entry.shape === null || entry.unreadable !== null) return
    try {
      entry.reader ??= this.#readerOf(entry.statement, entry.shape)
      entry.rows.push(entry.reader.read(message.fields))
    } catch (cause) {
      entry.unreadable = { cause }
    }
  }

  #readerOf({ types, rowMode }: Statement, shape: RowShape): RowReader {
    return new RowReader(shape, types ?? this.#link.client, rowMode === 'array')
  }

  handleCommandComplete(message: { text: string }): void {
    const entry = this.#entries[this.#index]
    if (entry !== undefined && entry.statement.discard !== true) {
      Object.assign(entry, readTag(message.text))
    }
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

  /** Nothing to do: `pg` does not call it after an error, so the link listens for it. */
  handleReadyForQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: PgConnection): void {
    const copy = this.#copy
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

  copyOut(): void {
    const copy = this.#copy
    if (copy?.direction === 'out' && this.#index === this.#entries.length - 1) {
      this.#copying = true
      if (this.#connection !== null) copy.consumer.start(this.#connection.stream)
    } else {
      this.#unread ??= this.#index
    }
  }

  handleCopyData(message: { chunk: Uint8Array }): void {
    const copy = this.#copy
    if (copy?.direction !== 'out' || !this.#copying) return
    // A copy, because pg reuses the memory behind the chunk.
    copy.consumer.accept(Uint8Array.from(message.chunk))
  }

  /**
   * Ends a COPY FROM STDIN from this side, for the server looks at cancel requests only between
   * the messages of it, and a source may wait for ever.
   */
  interrupt(): void {
    if (this.#copy?.direction !== 'in') return
    this.#interrupted = true
    this.#stopSource()
    if (this.#copying && !this.#synced) this.#failCopy('cancelled')
  }

  #failCopy(reason: string): void {
    this.#connection?.sendCopyFail(reason)
    this.#sync()
  }

  #stopSource(): void {
    const copy = this.#copy
    if (copy?.direction === 'in') copy.source.stop()
  }

  ready(message: unknown): void {
    // Not of this flight: it waits for a query of somebody else to end.
    if (this.#connection === null) return
    // An unknown status is treated like an open transaction: the connection is not reused.
    const status = statuses[(message as { status?: string }).status ?? ''] ?? 'open'
    const copy = this.#copy
    if (copy?.direction === 'out') void copy.consumer.finished().then(() => this.#land(status))
    else this.#land(status)
  }

  #land(status: TransactionStatus): void {
    this.#stopSource()
    const { results, failure } = this.#results()
    if (failure === null && results.length < this.#entries.length) return this.#lose(readyEarly())
    this.#end({ kind: 'landed', results, failure, status })
  }

  #results(): { results: DriverResult[]; failure: StatementFailure | null } {
    const results: DriverResult[] = []
    for (let index = 0; index < this.#index; index += 1) {
      const { shape, rows, rowCount, command, unreadable } = this.#entries[index] as Entry
      if (this.#unread === index) {
        const cause = new TypeError('COPY TO STDOUT needs a stream')
        return { results, failure: { index, origin: 'client', cause } }
      }
      if (unreadable !== null) {
        return { results, failure: { index, origin: 'client', cause: unreadable.cause } }
      }
      const copyFailure = this.#copyFailure(index)
      if (copyFailure !== null) return { results, failure: copyFailure }
      results.push({ rows, rowCount, command, fields: shape?.fields ?? [] })
    }
    // What the consumer or the source threw comes before the error that the server made of it.
    return { results, failure: this.#copyFailure(this.#index) ?? this.#failure }
  }

  #copyFailure(index: number): StatementFailure | null {
    const copy = this.#copy
    if (copy === null || index !== this.#entries.length - 1) return null
    const thrown = copy.direction === 'out' ? copy.consumer.failure : copy.source.failure
    if (thrown !== null) return { index, origin: 'client', cause: thrown.cause }
    if (this.#copying || this.#failure !== null) return null
    const expected = copy.direction === 'out' ? 'TO STDOUT' : 'FROM STDIN'
    const cause = new TypeError(`the last statement is not COPY ... ${expected}`)
    return { index, origin: 'client', cause }
  }

  ended(): void {
    this.#lose(new Error('Connection terminated unexpectedly'))
  }

  #lose(error: unknown): void {
    const copy = this.#copy
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
    if (this.#over) return
    this.#over = true
    this.callback(null)
    this.callback = () => undefined
    this.#settle(flight)
  }
}

/** Errors that PostgreSQL sent carry a severity; those of sockets and timers do not. */
function isServerError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error && 'code' in error
}
