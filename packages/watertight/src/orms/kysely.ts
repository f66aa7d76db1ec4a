import type {
  CompiledQuery,
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
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { WatertightError } from '../errors/index.js'
import type { IsolationLevel, TxManager } from '../runtime/index.js'
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
  readonly #tx: TxManager
  readonly #options: TenantDialectOptions

  constructor(tx: TxManager, options: TenantDialectOptions = {}) {
    this.#tx = tx
    this.#options = options
  }

  createDriver(): Driver {
    return new TenantKyselyDriver(this.#tx, this.#options)
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
  readonly #tx: TxManager
  readonly #options: TenantDialectOptions
  #destroyed = false

  constructor(tx: TxManager, options: TenantDialectOptions) {
    this.#tx = tx
    this.#options = options
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<TenantConnection> {
    if (this.#destroyed) throw new WatertightError('TX_CLOSED', 'this Kysely was destroyed')
    return new TenantConnection(this.#tx, this.#options)
  }

  async beginTransaction(
    connection: TenantConnection,
    { isolationLevel, accessMode }: TransactionSettings,
  ): Promise<void> {
    await connection.client.begin({
      ...(isolationLevel !== undefined && { isolationLevel: levelOf(isolationLevel) }),
      ...(accessMode !== undefined && { readOnly: accessMode === 'read only' }),
    })
  }

  async commitTransaction({ client }: TenantConnection): Promise<void> {
    await client.commit()
  }

  async rollbackTransaction({ client }: TenantConnection): Promise<void> {
    await client.rollback()
  }

  async savepoint({ client }: TenantConnection, name: string): Promise<void> {
    await client.savepoint('savepoint', name)
  }

  async rollbackToSavepoint({ client }: TenantConnection, name: string): Promise<void> {
    await client.savepoint('rollback-to', name)
  }

  async releaseSavepoint({ client }: TenantConnection, name: string): Promise<void> {
    await client.savepoint('release', name)
  }

  async releaseConnection({ client }: TenantConnection): Promise<void> {
    await client.end()
  }

  async destroy(): Promise<void> {
    this.#destroyed = true
  }
}

type KyselyLevel = NonNullable<TransactionSettings['isolationLevel']>

/** @throws INVALID_INPUT for an isolation level that PostgreSQL does not have. */
function levelOf(level: KyselyLevel): IsolationLevel {
  // PostgreSQL has no dirty reads (manual, section 13.2).
  if (level === 'read uncommitted') return 'read committed'
  if (level !== 'snapshot') return level
  throw new WatertightError('INVALID_INPUT', 'PostgreSQL has no isolation level snapshot')
}

const writes: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

class TenantConnection implements DatabaseConnection {
  readonly client: ScopedClient

  constructor(tx: TxManager, options: TenantDialectOptions) {
    this.client = new ScopedClient(tx, options)
  }

  async executeQuery<Row>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { command, rowCount, rows } = await this.client.execute({ text, values: parameters })
    return {
      rows: rows as Row[],
      ...(writes.has(command) && { numAffectedRows: BigInt(rowCount ?? 0) }),
    }
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
