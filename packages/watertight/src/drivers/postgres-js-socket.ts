import { EventEmitter } from 'node:events'
import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import type { ServerAddress } from './cancel-request.js'
import { sslRequest } from './cancel-request.js'
import type { PostgresJsOptions } from './postgres-js-protocol.js'
import type { WireMessage } from './wire-reader.js'
import { WireReader } from './wire-reader.js'

/** Who speaks on a socket while it is lent. */
export interface Borrower {
  accept(message: WireMessage): void
  lose(cause: unknown): void
}

/** The text of the query in place of which a borrower gets the socket. */
const loanText = /^watertight loan ([0-9]+) *$/
/** `postgres` collects shorter messages until the next turn of the event loop. */
const loanLength = 1_024
const asynchronous = new Set(['N', 'A', 'S'])
const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
/** CommandComplete of a query without rows. */
const noRows = Buffer.from('C\0\0\0\x0dSELECT 0\0', 'latin1')
/** EmptyQueryResponse and ReadyForQuery, idle: the end of the query that stood for the loan. */
const loanEnd = Buffer.from([0x49, 0, 0, 0, 4, 0x5a, 0, 0, 0, 5, 0x49])

/**
 * The socket beneath a connection of `postgres`, which logs in over it and keeps it in its pool.
 * TLS is below it, so that messages can be seen. A query whose text is a loan is not sent: until
 * the loan ends the borrower speaks with the server, and `postgres` waits for that query.
 */
export class PostgresJsSocket extends EventEmitter {
  readonly host: string
  readonly port: number
  readonly #tls: ConnectionOptions | null
  readonly #options: PostgresJsOptions
  readonly #onLoan: (id: string, socket: PostgresJsSocket) => Borrower | null
  readonly #reader = new WireReader()
  #below: Socket
  #early: Buffer[] | null = []
  #borrower: Borrower | null = null
  #drained: Promise<void> | null = null
  #error: Error | null = null
  /** `typing`: `postgres` asks for the types of arrays, before any other query. */
  #phase: 'starting' | 'typing' | 'started' = 'starting'
  /** BackendKeyData without its header, for cancel requests. */
  key: Buffer | null = null
  /** Names of the statements that are prepared on this connection. */
  readonly prepared: Set<string> = new Set()
  /** Those of them whose statement a change of its tables made useless. */
  readonly stale: Set<string> = new Set()
  /** Those of them that the server is to close before it prepares them anew. */
  readonly closing: Set<string> = new Set()

  constructor(
    options: PostgresJsOptions,
    host: number,
    onLoan: (id: string, socket: PostgresJsSocket) => Borrower | null,
  ) {
    super()
    this.#options = options
    this.#onLoan = onLoan
    const index = host % options.host.length
    this.host = options.host[index] ?? 'localhost'
    this.port = options.port[index] ?? options.port[0] ?? 5432
    this.#tls = tlsOf(options.ssl, this.host)
    const { path } = options
    this.#below = connectTcp(path ? { path } : { host: this.host, port: this.port })
    this.#attend(this.#below)
    this.#below.once('connect', () => {
      if (!path) this.#below.setNoDelay(true)
      if (this.#tls === null) this.#open()
      else if (this.#negotiation === 'direct') this.#secure(this.#tls)
      else this.#askForTls(this.#tls)
    })
  }

  get #negotiation(): ServerAddress['negotiation'] {
    return this.#options.sslnegotiation === 'direct' ? 'direct' : 'postgres'
  }

  /** The very server, for a host name may stand for several. */
  get address(): ServerAddress {
    const { path } = this.#options
    const { remoteAddress = this.host, remotePort = this.port } = this.#below
    return {
      at: path ? { path } : { host: remoteAddress, port: remotePort },
      tls: this.#isEncrypted ? this.#tls : null,
      negotiation: this.#negotiation,
    }
  }

  get #isEncrypted(): boolean {
    return 'encrypted' in this.#below
  }

  get readyState(): string {
    return this.#below.destroyed ? 'closed' : 'open'
  }

  #askForTls(tls: ConnectionOptions): void {
    this.#below.once('data', (answer) => {
      if (answer.toString('latin1') === 'S') this.#secure(tls)
      else if (this.#options.ssl === 'prefer') this.#open()
      else this.destroy(new Error('the server does not speak TLS'))
    })
    this.#below.write(sslRequest)
  }

  #secure(tls: ConnectionOptions): void {
    const alpn = this.#negotiation === 'direct' ? { ALPNProtocols: ['postgresql'] } : {}
    const raw = this.#below
    this.#below = connectTls({ ...tls, ...alpn, socket: raw })
    this.#attend(this.#below)
    this.#below.once('secureConnect', () => this.#open())
  }

  #attend(socket: Socket): void {
    socket.on('error', (error) => {
      this.#error ??= error
      socket.destroy()
    })
    socket.on('close', () => {
      if (socket !== this.#below) return
      // Without an error `postgres` would connect again and again, and nobody would hear of it.
      if (this.#phase === 'starting') this.#error ??= new Error('closed before it was ready')
      this.#answerTypes()
      const error = this.#error
      const borrower = this.#borrower
      this.#borrower = null
      if (error !== null && this.listenerCount('error') > 0) this.emit('error', error)
      this.emit('close', error !== null)
      borrower?.lose(error ?? new Error('Connection terminated unexpectedly'))
    })
  }

  #open(): void {
    const early = this.#early ?? []
    this.#early = null
    this.#below.on('data', (chunk: Buffer) => {
      for (const message of this.#reader.read(chunk)) this.#deliver(message)
    })
    if (early.length > 0) this.#below.write(Buffer.concat(early))
  }

  #deliver(message: WireMessage): void {
    const { type, bytes } = message
    if (type === 'K') this.key = Buffer.from(bytes.subarray(5))
    if (type === 'E' && this.#phase === 'typing') {
      this.emit('data', noRows)
      return
    }
    if (type === 'Z' && this.#phase !== 'started') {
      const asks = this.#phase === 'starting' && this.#options.fetch_types
      this.#phase = asks ? 'typing' : 'started'
    }
    if (this.#borrower === null || asynchronous.has(type)) this.emit('data', bytes)
    else this.#lendOut(this.#borrower, message)
  }

  /**
   * Nobody handles the rejection of the query for the types, so that it would end the process: it
   * gets an answer, and the borrower that comes next the news.
   */
  #answerTypes(): void {
    if (this.#phase !== 'typing') return
    this.#phase = 'started'
    this.emit('data', Buffer.concat([noRows, ready]))
  }

  #lendOut(borrower: Borrower, message: WireMessage): void {
    try {
      borrower.accept(message)
    } catch (error) {
      // What the server says is not understood, so nothing is known of its state.
      this.destroy(error instanceof Error ? error : new Error('not understood', { cause: error }))
    }
  }

  /** What `postgres` writes. */
  write(bytes: Buffer, sent?: () => void): boolean {
    const loan = this.#borrower === null ? loanOf(bytes) : null
    if (loan !== null) {
      // SECURITY: from here on errors are the borrower's; one kept from it would look like success.
      this.#phase = 'started'
      this.#borrower = this.#onLoan(loan, this)
      if (this.#borrower === null) this.destroy(new Error('the loan of the connection has ended'))
      return true
    }
    if (this.#early !== null) {
      this.#early.push(bytes)
      sent?.()
      return true
    }
    this.#below.write(bytes, sent)
    return true
  }

  /** What a borrower writes. */
  send(bytes: Buffer): Promise<void> | undefined {
    if (this.#below.write(bytes)) return undefined
    this.#drained ??= new Promise((resolve) => {
      this.#below.once('drain', () => {
        this.#drained = null
        resolve()
      })
    })
    return this.#drained
  }

  /** Ends the loan: the connection is back in the pool of `postgres`, idle. */
  giveBack(): void {
    this.#borrower = null
    this.emit('data', loanEnd)
  }

  pause(): void {
    this.#below.pause()
  }

  resume(): void {
    this.#below.resume()
  }

  setKeepAlive(on: boolean, milliseconds: number): void {
    this.#below.setKeepAlive(on, milliseconds)
  }

  end(bytes?: Buffer): void {
    if (bytes === undefined) this.#below.end()
    else this.#below.end(bytes)
  }

  destroy(error?: Error): void {
    this.#error ??= error ?? null
    this.#below.destroy()
  }
}

/** The text of a query that asks for a loan. */
export function loanQuery(id: string): string {
  return `watertight loan ${id}`.padEnd(loanLength)
}

function loanOf(bytes: Buffer): string | null {
  if (bytes[0] !== 0x51 || bytes.length !== loanLength + 6) return null
  return loanText.exec(bytes.toString('latin1', 5, bytes.length - 1))?.[1] ?? null
}

/** As `postgres` reads its `ssl` option. */
function tlsOf(ssl: PostgresJsOptions['ssl'], host: string): ConnectionOptions | null {
  if (ssl === undefined || ssl === false || ssl === '') return null
  const options: ConnectionOptions = { host, ...(isIP(host) === 0 && { servername: host }) }
  if (ssl === 'require' || ssl === 'allow' || ssl === 'prefer') {
    return { ...options, rejectUnauthorized: false }
  }
  return typeof ssl === 'object' ? { ...options, ...ssl } : options
}
