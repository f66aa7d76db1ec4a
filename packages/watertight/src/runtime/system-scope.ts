import { WatertightError } from '../errors/index.js'
import type { ContextSource } from '../model/index.js'
import type { Queryable, StatementResult } from '../sql/index.js'
import { requireContext, withoutContext } from './ambient-context.js'
import type { SigningKeySource } from './context-statement.js'
import { contextStatement, settingsStatement } from './context-statement.js'
import { connectionError } from './driver-error.js'
import type { Driver, DriverResult, Statement } from './driver.js'
import { hiddenRowsError, requireRowsVisible } from './hidden-rows.js'
import type { RunOptions } from './run-options.js'
import { OptionParser } from './run-options.js'
import { queryableOf } from './role-pools.js'
import { ServerTransaction } from './server-transaction.js'
import { statementOf, statementsOf } from './statement.js'
import type { TenantContext } from './tenant-context.js'
import { aborted } from './transaction-runner.js'
import { TransactionScope } from './transaction-scope.js'

export interface SystemScopeOptions {
  /** A source of connections of an owner or migrator role. */
  readonly driver: Driver
  /** The tenant whose rows are worked on; without one, the role must see every row. */
  readonly tenant?: TenantContext
  /** How contexts reach the database: `context` of the model. Signed by default. */
  readonly context?: ContextSource
  /** The key that signs contexts; needed with a tenant when contexts are signed. */
  readonly signingKey?: SigningKeySource
}

/** A statement of a migration or backfill. */
export interface SystemStatement extends Statement {
  /** True where touching no row is right, as in a backfill that may have been done before. */
  readonly allowNoRows?: boolean
}

/** The handle that `run` of a system scope passes to its function. */
export interface SystemTransaction extends Queryable {
  /**
   * Runs one statement.
   *
   * @throws NO_ROWS_WRITTEN when an INSERT, UPDATE, DELETE or MERGE touched no row; ROWS_HIDDEN when
   * RLS would have hidden rows; as `Transaction.query`.
   */
  query<Row = Record<string, unknown>>(
    text: string | SystemStatement,
    values?: readonly unknown[],
  ): Promise<StatementResult<Row>>
  /** Runs several statements in order, in one round trip. @throws as `query`. */
  batch(
    statements: readonly (string | SystemStatement | readonly [string, readonly unknown[]])[],
  ): Promise<StatementResult[]>
}

/** Transactions of migrations and backfills: no tenant's, or one after the other. */
export interface SystemScope {
  /** As {@link SystemTransaction.query}, in a transaction of its own. */
  query<Row = Record<string, unknown>>(
    text: string | SystemStatement,
    values?: readonly unknown[],
  ): Promise<StatementResult<Row>>
  /**
   * Runs `fn` in one transaction. Commits when it returns, rolls back when it throws or a
   * statement failed.
   *
   * @throws ROWS_HIDDEN when RLS would hide rows of the role and no tenant is given;
   * NO_ROWS_WRITTEN, TX_ABORTED, STATEMENT_FAILED, CONNECTION_FAILED, OUTCOME_UNKNOWN.
   */
  run<Result>(
    fn: (tx: SystemTransaction) => Result | PromiseLike<Result>,
    options?: Omit<RunOptions, 'retry'>,
  ): Promise<Awaited<Result>>
}

const writes: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/**
 * Makes a scope for migrations and backfills. Under FORCE ROW LEVEL SECURITY the owner of a table
 * sees no row of it, so that an UPDATE silently changes nothing; here it is an error twice over:
 * without a tenant the server is told to refuse what RLS would filter (`row_security = off`), and a
 * write of no rows fails.
 *
 * What counts is the command of a statement. Writes in a WITH clause of a SELECT, in functions, DO
 * and CALL, and TRUNCATE report no number of rows and are not noticed when they touch none.
 *
 * @throws INVALID_SIGNING_KEY with a tenant when contexts are signed and the key is missing;
 * INVALID_CONTEXT for a tenant that was not parsed.
 *
 * @example
 * ```ts
 * const system = createSystemScope({ driver: pgDriver(migratorPool) })
 * await system.run(async (tx) => {
 *   await tx.query('alter table invoices add column currency text')
 *   await tx.query("update invoices set currency = 'CHF'")
 * })
 * // NO_ROWS_WRITTEN, ROWS_HIDDEN: never "0 rows, done"
 * ```
 */
export function createSystemScope(options: SystemScopeOptions): SystemScope {
  const { driver, tenant } = options
  const claim =
    tenant === undefined
      ? (): Statement => settingsStatement([['row_security', 'off']])
      : tenantClaim(requireContext(tenant), options)
  const parser = new OptionParser()

  async function run<Result>(
    fn: (tx: SystemTransaction) => Result | PromiseLike<Result>,
    runOptions: Omit<RunOptions, 'retry'> = {},
  ): Promise<Awaited<Result>> {
    const { begin, timeouts, signal } = parser.run(runOptions)
    const server = new ServerTransaction({
      acquire: () => withoutContext(() => acquire(driver, tenant === undefined)),
      opening: () => [begin, claim(), ...(timeouts === null ? [] : [timeouts])],
      accept: requireRows,
      isMigration: true,
      signal,
    })
    const scope = new TransactionScope(server, null)
    const handle: SystemTransaction = {
      query: <Row>(text: string | SystemStatement, values?: readonly unknown[]) =>
        explained(scope, async () => {
          const [result] = await server.execute([statementOf(text, values)])
          return result as StatementResult<Row>
        }),
      batch: (statements) =>
        explained(
          scope,
          async () => [...(await server.execute(statementsOf(statements)))] as StatementResult[],
        ),
    }
    const end = await scope.settle(() => fn(handle) as PromiseLike<Awaited<Result>>)
    if (end.kind === 'returned' && server.dead === null) {
      await server.commit()
      return end.value
    }
    const { dead } = server
    await server.rollback()
    if (end.kind === 'threw') throw end.error
    throw dead ?? aborted(end.kind === 'swallowed' ? end.error : null)
  }

  return {
    run,
    query: <Row>(text: string | SystemStatement, values?: readonly unknown[]) =>
      run((tx) => tx.query<Row>(text, values)),
  }
}

function tenantClaim(tenant: TenantContext, options: SystemScopeOptions): () => Statement {
  const claim = contextStatement(options.context ?? { kind: 'signed' }, options.signingKey)
  return () => {
    if (Date.now() / 1000 < tenant.expiresAt) return claim(tenant)
    throw new WatertightError('CONTEXT_EXPIRED', 'the tenant context has expired', {
      hint: 'Parse it with an expiry that outlasts the migration.',
    })
  }
}

async function acquire(driver: Driver, mustSeeAll: boolean): ReturnType<Driver['acquire']> {
  const session = await driver.acquire().catch((error: unknown) => {
    throw connectionError(error)
  })
  if (!mustSeeAll) return session
  let clean = false
  try {
    await requireRowsVisible(queryableOf(session))
    clean = true
    return session
  } finally {
    if (!clean) session.release(true)
  }
}

function explained<Result>(scope: TransactionScope, task: () => Promise<Result>): Promise<Result> {
  return scope.perform(() =>
    task().catch((error: unknown) => {
      throw hiddenRowsError(error) ?? error
    }),
  )
}

function requireRows(statement: SystemStatement, { command, rowCount }: DriverResult): void {
  if (rowCount !== 0 || !writes.has(command) || statement.allowNoRows === true) return
  throw new WatertightError('NO_ROWS_WRITTEN', `${command} touched no row`, {
    hint:
      'Check the WHERE, and that RLS shows the rows to this role. ' +
      'Where no row is right, pass { text, values, allowNoRows: true }.',
  })
}
