import { AcquireDeadlines, acquireWithin } from './acquire-session.js'
import { abortedError } from './abortable-flight.js'
import { Admission } from './admission.js'
import type { BoundHandles } from './bound-handles.js'
import { boundHandles } from './bound-tx-manager.js'
import { contextStatement } from './context-statement.js'
import type { DriverResult, Session, Statement } from './driver.js'
import { beginStatement } from './begin-statement.js'
import { flyAlone } from './lone-flight.js'
import { WatertightError } from '../errors/index.js'
import type { StatementResult } from '../sql/index.js'
import { Observation } from './observation.js'
import type { Trace } from './observation.js'
import { OpenWork } from './open-work.js'
import { systemClock } from './retry.js'
import { CheckedPools } from './role-pools.js'
import type { StreamOptions } from './row-stream.js'
import { batchSizeOf } from './row-stream.js'
import type { ParsedOptions, QueryOptions, RunOptions } from './run-options.js'
import { OptionParser, milliseconds } from './run-options.js'
import { ServerTransaction } from './server-transaction.js'
import type { BatchItem } from './statement.js'
import { statementOf, statementsOf } from './statement.js'
import type { TenantContext } from './tenant-context.js'
import type { TransactionFunction } from './transaction-runner.js'
import { TransactionRunner } from './transaction-runner.js'
import { runsProcedure } from './transaction-control.js'
import { TransactionScope } from './transaction-scope.js'
import type { TxManager, TxManagerOptions } from './tx-manager-port.js'
import type { TransactionKind } from './tx-observer.js'

const readOnly = beginStatement(undefined, true)

/** The transaction manager over pools of connections, one per role. */
export class PooledTxManager implements TxManager {
  readonly #pools: CheckedPools
  readonly #admission: Admission
  readonly #observation: Observation
  readonly #options: OptionParser
  readonly #deadlines: AcquireDeadlines
  readonly #work = new OpenWork()
  readonly #runner: TransactionRunner
  readonly as: BoundHandles['as']
  readonly asPublic: BoundHandles['asPublic']
  readonly asAuditor: BoundHandles['asAuditor']
  readonly asPlatform: BoundHandles['asPlatform']
  readonly asWorker: BoundHandles['asWorker']

  constructor(options: TxManagerOptions) {
    this.#pools = new CheckedPools(options.pools)
    const now = options.now ?? Date.now
    const source = options.context ?? { kind: 'signed' }
    const makeClaim = contextStatement(source, options.signingKey)
    this.#admission = new Admission({ contextStatement: makeClaim, now })
    this.#observation = new Observation(options)
    this.#options = new OptionParser(options.defaults)
    const timeout = milliseconds('acquireTimeout', options.acquireTimeout ?? 30_000, 0)
    this.#deadlines = new AcquireDeadlines(timeout)
    this.#runner = new TransactionRunner({
      admission: this.#admission,
      acquire: (context, signal) => this.#acquire(context, signal),
      observation: this.#observation,
      work: this.#work,
      clock: {
        random: options.random ?? systemClock.random,
        sleep: options.sleep ?? systemClock.sleep,
      },
    })
    const handles = boundHandles(this, { now, keyTypes: options.keyTypes ?? {} })
    this.as = handles.as
    this.asPublic = handles.asPublic
    this.asAuditor = handles.asAuditor
    this.asPlatform = handles.asPlatform
    this.asWorker = handles.asWorker
  }

  async start(): Promise<void> {
    await this.#admission.outside(() => this.#pools.start())
  }

  close(): Promise<void> {
    return this.#work.close()
  }

  // INVARIANT: none of the verbs is an async function: inside a transaction they return the promise
  // that its scope tracks, so that a forgotten one is reported by the scope alone.
  query<Row = Record<string, unknown>>(
    context: TenantContext,
    text: string | Statement,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<StatementResult<Row>> {
    const outer = this.#admission.joinable(context)
    if (outer === null) {
      const statements = (): Statement[] => [statementOf(text, values)]
      return this.#alone('query', context, statements, options, firstOf<Row>)
    }
    if (options !== undefined) return Promise.reject(ownOptions())
    return outer.query<Row>(text, values)
  }

  batch(
    context: TenantContext,
    items: readonly BatchItem[],
    options?: QueryOptions,
  ): Promise<StatementResult[]> {
    const outer = this.#admission.joinable(context)
    if (outer === null) {
      return this.#alone('batch', context, () => statementsOf(items), options, allOf)
    }
    if (options !== undefined) return Promise.reject(ownOptions())
    return outer.batch(items)
  }

  run<Result>(
    context: TenantContext,
    fn: TransactionFunction<Result>,
    options?: RunOptions,
  ): Promise<Awaited<Result>> {
    const outer = this.#admission.joinable(context)
    if (outer === null) return this.#runAlone(context, fn, options)
    if (options !== undefined && hasOptions(options)) return Promise.reject(ownOptions())
    return outer.nest(() => this.#runner.nest(outer, context, fn))
  }

  stream<Row = Record<string, unknown>>(
    context: TenantContext,
    text: string | Statement,
    values?: readonly unknown[],
    { batchSize, ...options }: StreamOptions & QueryOptions = {},
  ): AsyncIterable<Row> {
    const size: StreamOptions = batchSize === undefined ? {} : { batchSize }
    const outer = this.#admission.joinable(context)
    const rows =
      outer === null
        ? this.#streamAlone(context, () => statementOf(text, values), size, options)
        : outer.stream(text, values, size)
    return rows as AsyncIterable<unknown> as AsyncIterable<Row>
  }

  async #runAlone<Result>(
    given: TenantContext,
    fn: TransactionFunction<Result>,
    options: RunOptions | undefined,
  ): Promise<Awaited<Result>> {
    const context = this.#admit(given)
    const parsed = this.#options.run(options)
    if (parsed.signal?.aborted === true) throw abortedError(parsed.signal)
    return this.#runner.run(context, fn, parsed)
  }

  async #alone<Result>(
    kind: TransactionKind,
    given: TenantContext,
    makeStatements: () => readonly Statement[],
    options: QueryOptions | undefined,
    resultOf: (results: readonly DriverResult[]) => Result,
  ): Promise<Result> {
    const context = this.#admit(given)
    const { timeouts, signal } = this.#options.query(options)
    const statements = makeStatements()
    if (statements.length === 0) return resultOf([])
    if (statements.some(({ text }) => runsProcedure(text))) {
      const parsed = this.#options.run({ ...options, retry: false })
      const results = await this.#runner.run(context, (tx) => tx.batch(statements), parsed)
      return resultOf(results as readonly DriverResult[])
    }
    const trace = this.#trace(kind, context)
    this.#work.enter()
    try {
      const results = await flyAlone({
        session: await this.#acquire(context, signal),
        opening: () => {
          const claim = this.#admission.claim(context)
          return timeouts === null ? [claim] : [claim, timeouts]
        },
        statements,
        signal,
        onStatements: trace?.sent,
      })
      trace?.end(null)
      return resultOf(results)
    } catch (error) {
      this.#observation.denied(context, error)
      trace?.end(error)
      throw error
    } finally {
      this.#work.leave()
    }
  }

  async *#streamAlone(
    given: TenantContext,
    makeStatement: () => Statement,
    size: StreamOptions,
    options: QueryOptions,
  ): AsyncGenerator<unknown, void, undefined> {
    const context = this.#admit(given)
    const { timeouts, signal }: ParsedOptions = this.#options.query(options)
    const statement = makeStatement()
    batchSizeOf(size)
    const trace = this.#trace('stream', context, true)
    const server = new ServerTransaction({
      acquire: () => this.#acquire(context, signal),
      opening: () => {
        const claim = this.#admission.claim(context)
        return timeouts === null ? [readOnly, claim] : [readOnly, claim, timeouts]
      },
      signal,
      onStatements: trace?.sent,
    })
    const scope = new TransactionScope(server, context, {
      onFailure: (error) => this.#observation.denied(context, error),
    })
    this.#work.enter()
    let failure: unknown = null
    let exhausted = false
    try {
      yield* scope.stream(statement, undefined, size)
      exhausted = true
      await server.commit()
    } catch (error) {
      failure = error
      throw error
    } finally {
      if (!exhausted) await server.rollback()
      trace?.end(failure)
      this.#work.leave()
    }
  }

  #admit(given: TenantContext): TenantContext {
    const context = this.#admission.admit(given)
    this.#work.requireOpen()
    this.#pools.requirePool(context.mode)
    return context
  }

  #acquire(context: TenantContext, signal: AbortSignal | undefined): Promise<Session> {
    return this.#admission.outside(() =>
      acquireWithin(() => this.#pools.acquire(context.mode), this.#deadlines, signal),
    )
  }

  #trace(kind: TransactionKind, context: TenantContext, isReadOnly = false): Trace | null {
    return this.#observation.begin(() => ({
      kind,
      context,
      readOnly: isReadOnly,
      isolationLevel: null,
      attempt: 1,
    }))
  }
}

function firstOf<Row>([result]: readonly DriverResult[]): StatementResult<Row> {
  return result as StatementResult<Row>
}

function allOf(results: readonly DriverResult[]): StatementResult[] {
  return [...results] as StatementResult[]
}

/** `retry: false` asks for nothing: what joins a transaction is never run again by itself. */
function hasOptions({ retry, ...others }: RunOptions): boolean {
  const asked = [...Object.values<unknown>(others), retry === false ? undefined : retry]
  return asked.some((value) => value !== undefined)
}

function ownOptions(): WatertightError {
  return new WatertightError(
    'INVALID_INPUT',
    'what joins a transaction has the options of that transaction',
  )
}
