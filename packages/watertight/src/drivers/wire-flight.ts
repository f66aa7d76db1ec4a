import type {
  DriverResult,
  Flight,
  LandedFlight,
  Statement,
  StatementFailure,
  TransactionStatus,
} from '../runtime/driver.js'
import type { CopySink } from './copy-source.js'
import type { FlightCopy } from './flight-copy.js'
import { isOfPostgres, readyEarly } from './server-error.js'
import type { WireCodec } from './wire-codec.js'
import type { WireField, WireMessage } from './wire-reader.js'
import {
  readCommandTag,
  readDataRow,
  readErrorFields,
  readParameterTypes,
  readRowDescription,
} from './wire-reader.js'
import { WireWriter } from './wire-writer.js'

/** A connection below the level of messages. */
export interface WireLink {
  /** Returns a promise when the connection is full, resolved once it drains. */
  write(bytes: Buffer): Promise<void> | undefined
  pause(): void
  resume(): void
}

/** A statement that is ready to be sent. */
export interface WireStatement {
  readonly statement: Statement
  /** Null for a statement that is parsed for this flight alone. */
  readonly name: string | null
  readonly isPrepared: boolean
  /** Object ids for Parse, where the values name them. */
  readonly types: readonly number[]
  /** The values as text; null until the server has said what types it expects. */
  readonly values: readonly (string | null)[] | null
}

export interface WireFlightOptions {
  readonly link: WireLink
  readonly codec: WireCodec
  readonly copy: FlightCopy | null
  /** Names of prepared statements that are to be closed first, for what follows an error is skipped. */
  readonly closing: readonly string[]
  /** The server has prepared a named statement. */
  readonly onPrepared: (name: string) => void
  /** The server has said what types a statement expects. */
  readonly onTypes: (statement: Statement, types: readonly number[]) => void
}

interface Progress {
  fields: readonly WireField[]
  readRow: ((values: readonly (string | null)[]) => unknown) | null
  readonly rows: unknown[]
  unread: boolean
  error: { readonly cause: unknown } | null
}

const statuses: Readonly<Record<string, TransactionStatus>> = { I: 'idle', T: 'open', E: 'failed' }

function freshProgress(): Progress {
  return { fields: [], readRow: null, rows: [], unread: false, error: null }
}

/** Several extended-protocol statements under one Sync, spoken over a link. */
export class WireFlight {
  /** Resolves when the server is ready again or the connection is gone; never rejects. */
  readonly outcome: Promise<Flight>

  readonly #statements: readonly WireStatement[]
  readonly #options: WireFlightOptions
  readonly #writer = new WireWriter()
  readonly #parsing: string[] = []
  readonly #results: DriverResult[] = []
  #settle: (flight: Flight) => void = () => undefined
  /** The statement that the server works on, and the next one to be sent. */
  #index = 0
  #next = 0
  #progress: Progress = freshProgress()
  #describing: readonly number[] | null = null
  #failure: StatementFailure | null = null
  #copying = false
  #interrupted = false
  #synced = false

  constructor(statements: readonly WireStatement[], options: WireFlightOptions) {
    this.#statements = statements
    this.#options = options
    this.outcome = new Promise((resolve) => (this.#settle = resolve))
  }

  /** The server gave a statement up, because of a cancel request or of a time-out. */
  wasCancelled = false

  /** The server no longer knows a prepared statement. */
  wasForgotten = false

  start(): void {
    for (const name of this.#options.closing) this.#writer.closeStatement(name)
    this.#send()
  }

  /** Ends a COPY FROM STDIN, in which the server takes no notice of cancel requests. */
  interrupt(): void {
    if (this.#options.copy?.direction !== 'in') return
    this.#interrupted = true
    this.#options.copy.source.stop()
    if (this.#copying && !this.#synced) this.#failCopy('cancelled')
  }

  lose(cause: unknown): void {
    const { copy } = this.#options
    if (copy?.direction === 'out') copy.consumer.stop()
    else copy?.source.stop()
    const fatal = this.#failure?.cause
    const refused = isOfPostgres(fatal) && this.#index < this.#statements.length
    this.#settle({ kind: 'lost', sent: true, refused, cause: fatal ?? cause })
  }

  accept({ type, bytes }: WireMessage): void {
    this.#handlers[type]?.(bytes)
  }

  /** Sends statements until one whose types have to be asked for, or to the end. */
  #send(): void {
    for (; this.#next < this.#statements.length; this.#next += 1) {
      const entry = this.#statements[this.#next]
      if (entry === undefined) break
      const name = entry.name ?? ''
      if (!entry.isPrepared && !(name !== '' && this.#parsing.includes(name))) {
        this.#writer.parse(name, entry.statement.text, entry.types)
        this.#parsing.push(name)
      }
      if (entry.values === null) {
        this.#writer.describeStatement(name)
        this.#writer.flush()
        this.#flush()
        return
      }
      this.#bind(name, entry.values)
    }
    if (this.#options.copy?.direction === 'in' && this.#next > 0) {
      // In copy-in mode the server ignores a Sync (manual, section 54.2.6), so it comes later.
      this.#writer.flush()
      this.#flush()
    } else {
      this.#sync()
    }
  }

  #bind(name: string, values: readonly (string | null)[]): void {
    this.#writer.bind(name, values)
    this.#writer.describePortal()
    this.#writer.execute()
  }

  #flush(): void {
    void this.#options.link.write(this.#writer.take())
  }

  #sync(): void {
    if (this.#synced) return
    this.#synced = true
    this.#writer.sync()
    this.#flush()
  }

  readonly #handlers: Readonly<Record<string, (bytes: Buffer) => void>> = {
    '1': () => {
      const name = this.#parsing.shift()
      if (name) this.#options.onPrepared(name)
    },
    t: (bytes) => (this.#describing = readParameterTypes(bytes)),
    n: () => {
      if (this.#describing !== null) this.#described(this.#describing)
    },
    T: (bytes) => {
      if (this.#describing !== null) this.#described(this.#describing)
      else this.#progress.fields = readRowDescription(bytes)
    },
    D: (bytes) => this.#row(bytes),
    C: (bytes) => this.#complete(readCommandTag(bytes)),
    I: () => this.#complete({ command: '', rowCount: null }),
    E: (bytes) => this.#refused(readErrorFields(bytes)),
    G: () => this.#startCopyIn(),
    H: () => this.#startCopyOut(),
    d: (bytes) => {
      const { copy } = this.#options
      if (copy?.direction !== 'out' || !this.#copying) return
      // A copy, so that a chunk that is kept does not keep the packet it came in.
      copy.consumer.accept(Uint8Array.from(bytes.subarray(5)))
    },
    Z: (bytes) => this.#ready(String.fromCharCode(bytes[5] ?? 0)),
  }

  #described(types: readonly number[]): void {
    this.#describing = null
    const entry = this.#statements[this.#next]
    if (entry === undefined) return
    const { statement, name } = entry
    this.#options.onTypes(statement, types)
    try {
      const { codec } = this.#options
      this.#bind(
        name ?? '',
        statement.values.map((value, index) =>
          codec.encode(value, codec.typeOf(value) || (types[index] ?? 0)),
        ),
      )
      this.#next += 1
      this.#send()
    } catch (cause) {
      this.#failure ??= { index: this.#next, origin: 'client', cause }
      // What went before must not be committed by the Sync, so the server is made to fail as well.
      this.#writer.describeStatement('wt_no_such_statement')
      this.#stopSource()
      this.#sync()
    }
  }

  #row(bytes: Buffer): void {
    const progress = this.#progress
    if (progress.error !== null) return
    try {
      const { statement } = this.#statements[this.#index] ?? {}
      if (statement === undefined) return
      progress.readRow ??= this.#options.codec.rowReader(progress.fields, statement)
      progress.rows.push(progress.readRow(readDataRow(bytes)))
    } catch (cause) {
      progress.error = { cause }
    }
  }

  #complete({ command, rowCount }: { command: string; rowCount: number | null }): void {
    const { fields, rows, unread, error } = this.#progress
    const index = this.#index
    const cause = unread ? new TypeError('COPY TO STDOUT needs a stream') : error?.cause
    if (unread || error !== null) this.#failure ??= { index, origin: 'client', cause }
    if (this.#failure === null && this.#copyFailure(index) === null) {
      this.#results.push({ rows, rowCount, command, fields })
    }
    this.#progress = freshProgress()
    this.#index += 1
    if (this.#index === this.#statements.length) this.#sync()
  }

  #refused(fields: ReadonlyMap<string, string>): void {
    this.wasCancelled ||= fields.get('C') === '57014'
    if (this.#failure === null) this.wasForgotten = fields.get('C') === '26000'
    const cause = this.#options.codec.serverError(fields)
    this.#failure ??= { index: this.#index, origin: 'server', cause }
    this.#stopSource()
    this.#sync()
  }

  #startCopyIn(): void {
    const { copy } = this.#options
    const isLast = this.#index === this.#statements.length - 1
    // Otherwise the server refuses the statement that follows, which is no data.
    if (!isLast) return
    if (copy?.direction !== 'in') {
      this.#writer.copyFail('COPY FROM STDIN needs a stream')
      this.#writer.sync()
      this.#flush()
      return
    }
    this.#copying = true
    if (this.#interrupted) this.#failCopy('cancelled')
    else void copy.source.pump(this.#sink)
  }

  readonly #sink: CopySink = {
    write: (chunk) => {
      this.#writer.copyData(chunk)
      return this.#options.link.write(this.#writer.take())
    },
    done: () => {
      this.#writer.copyDone()
      this.#sync()
    },
    // SECURITY: the message goes to the log of the server, so it is not that of the error.
    fail: () => this.#failCopy('the source of the data failed'),
  }

  #failCopy(reason: string): void {
    this.#writer.copyFail(reason)
    this.#sync()
  }

  #startCopyOut(): void {
    const { copy, link } = this.#options
    if (copy?.direction === 'out' && this.#index === this.#statements.length - 1) {
      this.#copying = true
      copy.consumer.start(link)
    } else {
      this.#progress.unread = true
    }
  }

  #stopSource(): void {
    const { copy } = this.#options
    if (copy?.direction === 'in') copy.source.stop()
  }

  #copyFailure(index: number): StatementFailure | null {
    const { copy } = this.#options
    if (copy === null || index !== this.#statements.length - 1) return null
    const thrown = copy.direction === 'out' ? copy.consumer.failure : copy.source.failure
    if (thrown !== null) return { index, origin: 'client', cause: thrown.cause }
    if (this.#copying || this.#failure !== null) return null
    const expected = copy.direction === 'out' ? 'TO STDOUT' : 'FROM STDIN'
    const cause = new TypeError(`the last statement is not COPY ... ${expected}`)
    return { index, origin: 'client', cause }
  }

  #ready(letter: string): void {
    // An unknown status is treated like an open transaction: the connection is not reused.
    const status = statuses[letter] ?? 'open'
    const { copy } = this.#options
    if (copy?.direction === 'out') void copy.consumer.finished().then(() => this.#land(status))
    else this.#land(status)
  }

  #land(status: TransactionStatus): void {
    this.#stopSource()
    const last = this.#statements.length - 1
    const early = this.#failure !== null && this.#failure.index < last
    // What the consumer or the source threw comes before the error that the server made of it.
    const failure = (early ? null : this.#copyFailure(last)) ?? this.#failure
    const results = this.#results.slice(0, failure?.index)
    if (failure === null && results.length <= last) return this.lose(readyEarly())
    const flight: LandedFlight = { kind: 'landed', results, failure, status }
    this.#settle(flight)
  }
}
