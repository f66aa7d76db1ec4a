import type { ResultField } from '../runtime/driver.js'

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
export interface PgClient {
  query(submittable: PgSubmittable): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  getTypeParser: unknown
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
  parse(message: { name: string; text: string; types: string[] }, more?: boolean): void
  bind(
    message: { statement: string; values: EncodedValue[]; binary?: string },
    more?: boolean,
  ): void
  describe(message: { type: string; name?: string }, more?: boolean): void
  execute(message: object, more?: boolean): void
  flush(): void
  sync(): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
  on(event: string, listener: (message: unknown) => void): unknown
  removeListener(event: string, listener: (message: unknown) => void): unknown
}

/** A parameter as it goes over the wire: text, bytes, or NULL. */
export type EncodedValue = string | Buffer | null

/** An instance of `pg.Query`: it owns row parsing and the shape of results. */
export interface PgQuery {
  prepare(connection: object): void
  handleRowDescription(message: unknown): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: PgConnection): void
  handleReadyForQuery(connection: PgConnection): void
}

export interface PgResult {
  readonly command: string | null
  readonly rowCount: number | null
  readonly rows: unknown[]
  readonly fields?: readonly ResultField[]
}

export type PgQueryClass = new (
  config: {
    text: string
    values: readonly unknown[]
    types: unknown
    rowMode?: 'array' | undefined
  },
  values: undefined,
  callback: (error: Error | null, result?: PgResult) => void,
) => PgQuery

/** `pg.Query` of the very `pg` a client comes from; null for `pg-native`, which has no protocol. */
export function queryClassOf(client: object): PgQueryClass | null {
  const clientClass = client.constructor as { Query?: { prototype?: Partial<PgQuery> } }
  const hasProtocol =
    typeof clientClass.Query?.prototype?.prepare === 'function' &&
    typeof clientClass.Query.prototype.handleDataRow === 'function'
  return hasProtocol ? (clientClass.Query as unknown as PgQueryClass) : null
}

type ValueMapper = (value: unknown, index: number) => EncodedValue

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
  mappers.set(queryClass, mapper)
  return mapper
}
