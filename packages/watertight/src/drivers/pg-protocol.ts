import type { TypeParsers } from '../runtime/driver.js'
import type { WireValue } from './wire-writer.js'

/**
 * The parts of `pg` (8.11 and later) that the driver touches, structurally, so that `watertight`
 * depends on no version of it.
 */
export interface PgPool {
  connect(): Promise<PgPoolClient>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect', listener: (client: PgClient) => void): unknown
}

/** A connection: of a pool, or one that was made for the driver alone. */
export interface PgClient extends TypeParsers {
  query(submittable: PgSubmittable): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

export interface PgPoolClient extends PgClient {
  release(destroy?: boolean): void
}

/** A `pg.Client` that belongs to no pool. */
export interface PgSingleClient extends PgClient {
  on(event: 'error' | 'end', listener: (error: Error) => void): unknown
  connect(): Promise<unknown>
  end(): Promise<void>
}

/** A connection for the time of one transaction. */
export interface PgLease {
  readonly client: PgClient
  release(destroy: boolean): void
}

/** What `client.query` accepts beside text: an object that speaks the protocol itself. */
export interface PgSubmittable {
  submit(connection: PgConnection): Error | null
}

/** The message level of a client. */
export interface PgConnection {
  readonly stream: {
    readonly writable?: boolean
    write(data: Uint8Array): unknown
    destroy(error?: Error): void
    pause(): void
    resume(): void
    readonly writableNeedDrain?: boolean
    once(event: 'drain', listener: () => void): unknown
  }
  flush(): void
  sync(): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
  on(event: string, listener: (message: unknown) => void): unknown
  prependListener(event: string, listener: (message: unknown) => void): unknown
}

/** An instance of `pg.Query`. */
export interface PgQuery {
  prepare(connection: object): void
}

export type PgQueryClass = new (
  config: { text: string; values: readonly unknown[]; types: unknown },
  values: undefined,
  callback: () => void,
) => PgQuery

/** `pg.Query` of the very `pg` a client comes from; null for `pg-native`, which has no protocol. */
export function queryClassOf(client: object): PgQueryClass | null {
  const clientClass = client.constructor as { Query?: { prototype?: Partial<PgQuery> } }
  const hasProtocol = typeof clientClass.Query?.prototype?.prepare === 'function'
  return hasProtocol ? (clientClass.Query as unknown as PgQueryClass) : null
}

export type ValueMapper = (value: unknown, index: number) => WireValue

const mappers = new WeakMap<PgQueryClass, ValueMapper>()

/**
 * The conversion of JavaScript values that `pg` itself uses (dates, arrays, JSON, `toPostgres`).
 * It is not part of pg's exports, but every `pg.Query` passes it with its Bind message.
 */
export function valueMapperOf(queryClass: PgQueryClass): ValueMapper {
  const known = mappers.get(queryClass)
  if (known !== undefined) return known
  let mapper: ValueMapper | undefined
  const ignore = (): void => undefined
  const query = new queryClass(
    { text: 'select $1', values: [null], types: undefined },
    undefined,
    ignore,
  )
  query.prepare({
    parsedStatements: {},
    submittedNamedStatements: {},
    bind: (message: { valueMapper?: ValueMapper }) => (mapper = message.valueMapper),
    parse: ignore,
    describe: ignore,
    execute: ignore,
    flush: ignore,
    sync: ignore,
    close: ignore,
  })
  if (mapper === undefined) throw new TypeError('this version of pg does not pass a value mapper')
  const toWire = checked(mapper)
  mappers.set(queryClass, toWire)
  return toWire
}

/** For `pg`, too, an object whose `toJSON` returns nothing is NULL. */
function checked(mapper: (value: unknown, index: number) => unknown): ValueMapper {
  return (value, index) => {
    const mapped = mapper(value, index) ?? null
    if (mapped === null || typeof mapped === 'string' || Buffer.isBuffer(mapped)) return mapped
    throw new TypeError(`parameter ${String(index + 1)} is neither text nor bytes`)
  }
}
