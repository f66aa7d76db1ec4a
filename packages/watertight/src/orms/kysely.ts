import type {
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from 'kysely'
import {
  CompiledQuery,
  createQueryId,
  IdentifierNode,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  RawNode,
} from 'kysely'
import { WatertightError } from '../errors/index.js'
import type { OrmConnection } from './orm-scope.js'
import { OrmScope } from './orm-scope.js'
import type { ScopedResult } from './query-arguments.js'
import { ScopedClient } from './scoped-client.js'

export { tenancyErrorOf } from './driver-errors.js'
export { tenantPredicatePlugin } from './kysely-tenant-predicate.js'

/** Settings of {@link TenantDialect}. */
export interface TenantDialectOptions {
  /** Milliseconds after which a transaction without a statement is rolled back; 60 000. */
  readonly abandonAfter?: number
}

/**
 * A Kysely dialect whose driver is the `TxManager`: whatever this Kysely sends, raw SQL included,
 * runs under the ambient context, in one round trip; without a context nothing is sent. Inside
 * `tx.run` its statements join that transaction, and its own transactions are savepoints.
 *
 * @throws CONTEXT_REQUIRED, CONTEXT_MISMATCH, STATEMENT_REFUSED; errors of the server are those of
 * the driver (`error.code === '23505'`), behind which `tenancyErrorOf` finds the code of watertight.
 *
 * @example
 * ```ts
 * const db = new Kysely<Database>({
 *   dialect: new TenantDialect(tx),
 *   plugins: [tenantPredicatePlugin(model)],
 * })
 * await withContext(context, () => db.selectFrom('invoices').selectAll().execute())
 * // select * from "invoices" where "invoices"."tenant_id" = $1
 * ```
 */
export class TenantDialect implements Dialect {
  readonly #scope: OrmScope
  readonly #options: TenantDialectOptions

  /** With a handle, `tx.as(context)`, that context takes the place of the ambient one. */
  constructor(tx: OrmConnection, options: TenantDialectOptions = {}) {
    this.#scope = new OrmScope(tx)
    this.#options = options
  }

  createDriver(): Driver {
    return new TenantKyselyDriver(this.#scope, this.#options)
  }

  createQueryCompiler(): QueryCompiler {
    return new PostgresQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new PostgresAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new PostgresIntrospector(db)
  }
}

class TenantKyselyDriver implements Driver {
  readonly #scope: OrmScope
  readonly #options: TenantDialectOptions
  #destroyed = false

  constructor(scope: OrmScope, options: TenantDialectOptions) {
    this.#scope = scope
    this.#options = options
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<TenantConnection> {
    if (this.#destroyed) throw new WatertightError('TX_CLOSED', 'this Kysely was destroyed')
    return new TenantConnection(this.#scope, this.#options)
  }

  async beginTransaction(
    connection: TenantConnection,
    { isolationLevel, accessMode }: TransactionSettings,
  ): Promise<void> {
    const level = isolationLevel === undefined ? [] : ['isolation level', checked(isolationLevel)]
    const access = accessMode === undefined ? [] : [accessMode]
    const modes = [...level, ...access]
    await send(connection, modes.length === 0 ? 'begin' : ['start transaction', ...modes].join(' '))
  }

  async commitTransaction(connection: TenantConnection): Promise<void> {
    await send(connection, 'commit')
  }

  async rollbackTransaction(connection: TenantConnection): Promise<void> {
    await send(connection, 'rollback')
  }

  async savepoint(
    connection: TenantConnection,
    name: string,
    compileQuery: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(compileQuery(named('savepoint', name), createQueryId()))
  }

  async rollbackToSavepoint(
    connection: TenantConnection,
    name: string,
    compileQuery: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(compileQuery(named('rollback to', name), createQueryId()))
  }

  async releaseSavepoint(
    connection: TenantConnection,
    name: string,
    compileQuery: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(compileQuery(named('release', name), createQueryId()))
  }

  releaseConnection({ client }: TenantConnection): Promise<void> {
    return client.close()
  }

  async destroy(): Promise<void> {
    this.#destroyed = true
  }
}

/** Through the connection, where Kysely's log sees it. */
function send(connection: TenantConnection, text: string): Promise<unknown> {
  return connection.executeQuery(CompiledQuery.raw(text))
}

function named(command: string, name: string): RawNode {
  return RawNode.createWithChildren([
    RawNode.createWithSql(`${command} `),
    IdentifierNode.create(name),
  ])
}

type KyselyLevel = NonNullable<TransactionSettings['isolationLevel']>

/** @throws INVALID_INPUT for an isolation level that PostgreSQL does not have. */
function checked(level: KyselyLevel): KyselyLevel {
  if (level !== 'snapshot') return level
  throw new WatertightError('INVALID_INPUT', 'PostgreSQL has no isolation level snapshot')
}

const writes: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

class TenantConnection implements DatabaseConnection {
  readonly client: ScopedClient

  constructor(scope: OrmScope, options: TenantDialectOptions) {
    this.client = new ScopedClient(scope, options)
  }

  executeQuery<Row>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    return this.client.execute({ text, values: parameters }).then(resultOf<Row>)
  }

  async *streamQuery<Row>(
    { sql: text, parameters }: CompiledQuery,
    chunkSize = 100,
  ): AsyncIterableIterator<QueryResult<Row>> {
    if (!Number.isInteger(chunkSize) || chunkSize <= 0) {
      throw new WatertightError('INVALID_INPUT', 'chunkSize must be a positive integer')
    }
    let rows: Row[] = []
    for await (const row of this.client.stream(text, parameters, chunkSize)) {
      rows.push(row as Row)
      if (rows.length < chunkSize) continue
      yield { rows }
      rows = []
    }
    if (rows.length > 0) yield { rows }
  }
}

function resultOf<Row>({ command, rowCount, rows }: ScopedResult): QueryResult<Row> {
  const own = rows as Row[]
  return command !== null && writes.has(command)
    ? { rows: own, numAffectedRows: BigInt(rowCount ?? 0) }
    : { rows: own }
}
