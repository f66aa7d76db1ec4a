import { WatertightError } from '../errors/index.js'
import type { Admission } from './admission.js'
import type { DriverResult, Session, Statement } from './driver.js'
import { plainTypes } from './plain-types.js'
import type { Observation, Trace } from './observation.js'
import type { OpenWork } from './open-work.js'
import type { Attempt, RetryClock } from './retry.js'
import { isConflict, withRetries } from './retry.js'
import type { ParsedRunOptions } from './run-options.js'
import { ServerTransaction } from './server-transaction.js'
import type { TenantContext } from './tenant-context.js'
import type { Transaction } from './transaction.js'
import type { ScopeEnd } from './transaction-scope.js'
import { TransactionScope } from './transaction-scope.js'
import { abortedError } from './abortable-flight.js'

export interface RunnerOptions {
  readonly admission: Admission
  readonly acquire: (context: TenantContext, signal?: AbortSignal) => Promise<Session>
  readonly observation: Observation
  readonly work: OpenWork
  readonly clock: RetryClock
}

export type TransactionFunction<Result> = (tx: Transaction) => Result | PromiseLike<Result>

/** A transaction that is about to run, or runs. */
interface Running {
  readonly server: ServerTransaction
  readonly context: TenantContext
  readonly options: ParsedRunOptions
  /** True when nothing that was read depends on how the COMMIT ends. */
  readonly commitsInBackground: () => boolean
  readonly trace: Trace | null
}

const askLevel: Statement = {
  text: "select pg_catalog.current_setting('transaction_isolation') as level",
  values: [],
  types: plainTypes,
}

/** Runs functions in transactions: alone, again after a conflict, or in a savepoint. */
export class TransactionRunner {
  readonly #options: RunnerOptions

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  /** Runs `fn` in a transaction of its own. */
  async run<Result>(
    context: TenantContext,
    fn: TransactionFunction<Result>,
    options: ParsedRunOptions,
  ): Promise<Awaited<Result>> {
    const { work } = this.#options
    work.enter()
    try {
      return await this.#attempts(context, fn, options)
    } finally {
      work.leave()
    }
  }

  #attempts<Result>(
    context: TenantContext,
    fn: TransactionFunction<Result>,
    options: ParsedRunOptions,
  ): Promise<Awaited<Result>> {
    const { signal } = options
    const { clock, observation } = this.#options
    let trace: Trace | null = null
    return withRetries(
      options.retry,
      (attempt) => {
        trace = observation.begin(() => ({
          kind: 'run',
          context,
          readOnly: options.readOnly,
          isolationLevel: options.isolationLevel,
          attempt,
        }))
        return this.#attempt(context, fn, options, trace)
      },
      {
        clock,
        signal,
        onRetry: (_attempt, error, delayMs) => {
          const transaction = trace?.transaction
          if (transaction === undefined) return
          observation.tell((observer) => observer.onRetry?.({ transaction, error, delayMs }))
        },
      },
    )
  }

  /** Runs `fn` in a savepoint of the transaction around it. */
  async nest<Result>(
    outer: TransactionScope,
    context: TenantContext,
    fn: TransactionFunction<Result>,
  ): Promise<Awaited<Result>> {
    const { server } = outer
    const savepoint = server.savepoint()
    const end = await this.#settle(server, context, fn, outer)
    if (end.kind === 'returned') {
      server.releaseSavepoint(savepoint)
      return end.value
    }
    await server.rollbackTo(savepoint)
    throw end.kind === 'swallowed' ? (server.dead ?? aborted(end.error)) : end.error
  }

  async #attempt<Result>(
    context: TenantContext,
    fn: TransactionFunction<Result>,
    options: ParsedRunOptions,
    trace: Trace | null,
  ): Promise<Attempt<Awaited<Result>>> {
    const running = this.#open(context, options, trace)
    const { server } = running
    let inBackground = false
    try {
      const value = await this.#value(running, fn, () => (inBackground = true))
      if (!inBackground) trace?.end(null)
      return { kind: 'done', value }
    } catch (error) {
      trace?.end(error)
      // Only where the transaction is known not to have committed: after ROLLBACK, or when COMMIT
      // itself was answered with the conflict.
      const isLost = error instanceof WatertightError && error.code === 'OUTCOME_UNKNOWN'
      if (!isLost && (server.conflicted || isConflict(error))) return { kind: 'conflict', error }
      throw error
    }
  }

  async #value<Result>(
    running: Running,
    fn: TransactionFunction<Result>,
    onBackground: () => void,
  ): Promise<Awaited<Result>> {
    const { server, context } = running
    const end = await this.#settle(server, context, fn)
    const { dead } = server
    if (end.kind === 'returned' && dead === null) {
      const { signal } = running.options
      if (signal?.aborted === true) {
        await server.rollback()
        throw abortedError(signal)
      }
      if (running.commitsInBackground()) {
        onBackground()
        this.#commitInBackground(running)
        return end.value
      }
      await this.#commit(server, context)
      return end.value
    }
    if (end.kind === 'swallowed' && dead === null && server.status === 'failed') {
      await server.commit().catch((error: unknown) => {
        throw aborted(end.error, error)
      })
    }
    await server.rollback()
    if (end.kind === 'threw') throw end.error
    throw dead ?? aborted(end.kind === 'swallowed' ? end.error : null)
  }

  #open(context: TenantContext, options: ParsedRunOptions, trace: Trace | null): Running {
    const { admission, acquire } = this.#options
    const { begin, timeouts, readOnly, signal } = options
    let level: string | null = options.isolationLevel
    const asks = readOnly && level === null
    const server = new ServerTransaction({
      acquire: () => acquire(context, signal),
      opening: (): readonly Statement[] => [
        begin,
        admission.claim(context),
        ...(timeouts === null ? [] : [timeouts]),
        ...(asks ? [askLevel] : []),
      ],
      ...(asks && { onOpened: (results: readonly DriverResult[]) => (level = levelOf(results)) }),
      signal,
      onStatements: trace?.sent,
    })
    // INVARIANT: a serializable transaction awaits its COMMIT, which may be what says that its
    // reads were inconsistent; so does one whose level is not known.
    const commitsInBackground = (): boolean =>
      readOnly && server.isBegun && (level === 'read committed' || level === 'repeatable read')
    return { server, context, options, commitsInBackground, trace }
  }

  /** The connection goes back, and the work counts as done, when the server has answered. */
  #commitInBackground({ server, context, trace }: Running): void {
    const { work } = this.#options
    work.enter()
    void this.#commit(server, context)
      .then(
        () => trace?.end(null, true),
        (error: unknown) => trace?.end(error, true),
      )
      .finally(() => work.leave())
  }

  async #commit(server: ServerTransaction, context: TenantContext): Promise<void> {
    try {
      await server.commit()
    } catch (error) {
      this.#options.observation.denied(context, error)
      throw error
    }
  }

  #settle<Result>(
    server: ServerTransaction,
    context: TenantContext,
    fn: TransactionFunction<Result>,
    parent: TransactionScope | null = null,
  ): Promise<ScopeEnd<Awaited<Result>>> {
    const { admission, observation } = this.#options
    const scope = new TransactionScope(server, context, {
      parent,
      current: () => admission.current(),
      onFailure: (error) => observation.denied(context, error),
    })
    const handle = Object.freeze({ context, ...scope.verbs() })
    return admission.inside(scope, context, () =>
      scope.settle(() => fn(handle) as PromiseLike<Awaited<Result>>),
    )
  }
}

function levelOf(results: readonly DriverResult[]): string | null {
  const [row] = results.at(-1)?.rows ?? []
  return (row as { level?: string } | undefined)?.level ?? null
}

/** The error of a function that returned although a statement of its transaction had failed. */
export function aborted(cause: unknown, commitError: unknown = null): unknown {
  if (commitError instanceof WatertightError && commitError.code !== 'TX_ABORTED')
    return commitError
  return new WatertightError(
    'TX_ABORTED',
    'the transaction was rolled back, because a statement in it had failed; see cause',
    { cause, hint: 'Let the error of the statement end the function passed to run().' },
  )
}
