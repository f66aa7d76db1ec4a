import { WatertightError } from '../errors/index.js'
import { abortedError, flyAbortably, flyWithinGrace } from './abortable-flight.js'
import { connectionError, lostError, statementError, unknownOutcome } from './driver-error.js'
import type {
  DriverResult,
  Flight,
  LandedFlight,
  Session,
  Statement,
  TransactionStatus,
} from './driver.js'
import { isConflict } from './retry.js'
import { isReusableAfter } from './reusable-after.js'
import type { Savepoint } from './riders.js'
import { Riders, command, dropSavepoint, rollbackToSavepoint } from './riders.js'
import { Turns } from './turns.js'

export interface ServerTransactionOptions {
  readonly acquire: () => Promise<Session>
  /** BEGIN and the context; made when they are sent, so that the token is fresh. */
  readonly opening: () => readonly Statement[]
  /** Told what the opening statements returned. */
  readonly onOpened?: (results: readonly DriverResult[]) => void
  /** Told of every flight of statements of the caller, once it has ended. */
  readonly onStatements?: StatementListener | undefined
  /** Throws when a result is not to be accepted. */
  readonly accept?: (statement: Statement, result: DriverResult) => void
  readonly signal?: AbortSignal | undefined
  /** The statements are those of a migration: what they leave on the connection is meant to be there. */
  readonly isMigration?: boolean
}

/** `startedAt` is of `performance.now()`; `error` is of the first statement without a result. */
export type StatementListener = (
  statements: readonly Statement[],
  results: readonly DriverResult[],
  error: WatertightError | null,
  startedAt: number,
) => void

/** How statements are sent: as a plain flight, or as one that ends in a COPY. */
export type Send = (session: Session, statements: readonly Statement[]) => Promise<Flight>

const plainly: Send = (session, statements) => session.flight(statements)

/**
 * One transaction on one connection, as the server sees it. The connection is taken and BEGIN sent
 * with the first statement; statements that need no answer of their own (BEGIN, the context,
 * SAVEPOINT, RELEASE, CLOSE) ride with the next one.
 */
export class ServerTransaction {
  readonly riders: Riders = new Riders()
  readonly #options: ServerTransactionOptions
  #session: Session | null = null
  #begun = false
  #status: TransactionStatus = 'idle'
  #conflicted = false
  #failed = false
  /** Why nothing more can be sent. */
  #dead: WatertightError | null = null
  /** Set when a statement got past the guard and ended the transaction. */
  #tainted = false
  /** Set when a statement may have left something that other transactions would meet. */
  #spent = false
  #lost = false
  #ended = false
  readonly #turns = new Turns()

  constructor(options: ServerTransactionOptions) {
    this.#options = options
  }

  /** What ended the transaction before its time, if anything did. */
  get dead(): WatertightError | null {
    if (this.#ended) this.#dead ??= new WatertightError('TX_CLOSED', 'the transaction has ended')
    return this.#dead
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal
  }

  get status(): TransactionStatus {
    return this.#status
  }

  /** True when the transaction had failed, because another one won, as it came to its end. */
  get conflicted(): boolean {
    return this.#conflicted && this.#failed
  }

  /** True once the server has the transaction. */
  get isBegun(): boolean {
    return this.#begun
  }

  /** Runs statements after those before them; one round trip for all. */
  execute(statements: readonly Statement[]): Promise<readonly DriverResult[]> {
    return this.inTurn(() => this.send(statements))
  }

  /**
   * Sets a savepoint; costs no round trip. INVARIANT: it rides with a statement that was asked for
   * later, never with one before it, which a rollback would undo as well.
   */
  savepoint(): Savepoint {
    const savepoint = this.riders.newSavepoint()
    this.#whenReached(() => this.riders.savepoint(savepoint))
    return savepoint
  }

  /** Keeps what was done since the savepoint; costs no round trip. */
  releaseSavepoint(savepoint: Savepoint): void {
    this.#whenReached(() => this.riders.releaseSavepoint(savepoint))
  }

  /** Undoes what was done since the savepoint. */
  async rollbackTo(savepoint: Savepoint): Promise<void> {
    if (this.dead !== null) return
    await this.inTurn(async () => {
      if (this.riders.forget(savepoint)) return
      this.riders.clear()
      await this.undo(savepoint)
    })
  }

  /** Rolls back to a savepoint and drops it, as the task whose turn it is. */
  async undo(savepoint: Savepoint): Promise<void> {
    const session = this.#session
    if (session === null) throw new TypeError('no connection was taken')
    const flight = await this.#flyAbortably(session, () =>
      session.flight([rollbackToSavepoint(savepoint), dropSavepoint(savepoint)]),
    )
    if (flight.failure !== null) throw this.#die(statementError(flight.failure))
    this.#requireOpen()
  }

  /**
   * Commits and gives the connection back.
   *
   * @throws TX_ABORTED when the server rolled back instead, OUTCOME_UNKNOWN when the connection
   * broke meanwhile.
   */
  async commit(): Promise<void> {
    const session = this.#session
    if (session === null) return
    try {
      if (!this.#begun) return
      this.#failed = this.#status === 'failed'
      const flight = await session.flight([command('commit')])
      this.#land(flight)
      if (flight.kind === 'lost') throw flight.sent ? unknownOutcome(flight) : lostError(flight)
      if (flight.failure !== null) throw statementError(flight.failure)
      // A failed transaction answers COMMIT with the tag ROLLBACK and no error.
      if (flight.results[0]?.command !== 'COMMIT') {
        throw new WatertightError('TX_ABORTED', 'the server rolled the transaction back')
      }
    } finally {
      this.#release(session)
    }
  }

  /** Rolls back and gives the connection back, or closes it when that fails. Never rejects. */
  async rollback(): Promise<void> {
    const session = this.#session
    if (session === null) return
    this.#failed = this.#status === 'failed'
    if (this.#begun && !this.#lost && this.#status !== 'idle') {
      const flight = session.flight([command('rollback')])
      const aborted = this.#options.signal?.aborted === true
      this.#land(aborted ? await flyWithinGrace(flight) : await flight)
    }
    this.#release(session)
  }

  /** Runs a task once those before it have ended. */
  inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#turns.take(() => {
      const { dead } = this
      if (dead !== null) return Promise.reject(dead)
      const { signal } = this.#options
      if (signal?.aborted === true) return Promise.reject(this.#die(abortedError(signal)))
      return task()
    })
  }

  #whenReached(task: () => void): void {
    void this.#turns.take(() => Promise.resolve(task()))
  }

  /** Sends statements with what rides along, as the task whose turn it is. */
  send(statements: readonly Statement[], how: Send = plainly): Promise<DriverResult[]> {
    const { onStatements } = this.#options
    return onStatements === undefined
      ? this.#send(statements, how, [])
      : this.#sendObserved(statements, how, onStatements)
  }

  async #sendObserved(
    statements: readonly Statement[],
    how: Send,
    onStatements: StatementListener,
  ): Promise<DriverResult[]> {
    const startedAt = performance.now()
    const results: DriverResult[] = []
    try {
      await this.#send(statements, how, results)
      onStatements(statements, results, null, startedAt)
      return results
    } catch (error) {
      if (error instanceof WatertightError) onStatements(statements, results, error, startedAt)
      throw error
    }
  }

  async #send(
    statements: readonly Statement[],
    how: Send,
    results: DriverResult[],
  ): Promise<DriverResult[]> {
    this.#spent ||= !this.#isReusableAfter(statements)
    const session = this.#session ?? (await this.#connected())
    const opening = this.#begun ? [] : this.#options.opening()
    const riders = this.riders.boarding(this.#status === 'failed')
    const before = opening.length + riders.length
    const all = [...opening, ...riders.map(({ statement }) => statement), ...statements]
    const start = (): Promise<Flight> => how(session, all)
    const flight =
      this.#options.signal === undefined
        ? this.#landed(await start())
        : await this.#flyAbortably(session, start)
    if (flight.results.length > 0) this.#begun = true
    if (opening.length > 0) this.#options.onOpened?.(flight.results.slice(0, opening.length))
    this.riders.landed(riders.slice(0, Math.max(0, flight.results.length - opening.length)))
    results.push(...flight.results.slice(before))
    if (flight.failure !== null) {
      const at = statements.length > 1 ? flight.failure.index - before : null
      const error = statementError(flight.failure, at)
      this.#conflicted = isConflict(error)
      throw error
    }
    this.#requireOpen()
    const { accept } = this.#options
    if (accept === undefined) return results
    for (const [index, result] of results.entries()) {
      const statement = statements[index]
      if (statement !== undefined) accept(statement, result)
    }
    return results
  }

  #isReusableAfter(statements: readonly Statement[]): boolean {
    const { isMigration = false } = this.#options
    return isMigration || statements.every(({ text }) => isReusableAfter(text))
  }

  async #connected(): Promise<Session> {
    try {
      this.#session = await this.#options.acquire()
      return this.#session
    } catch (error) {
      throw this.#die(connectionError(error))
    }
  }

  async #flyAbortably(session: Session, start: () => Promise<Flight>): Promise<LandedFlight> {
    const { signal } = this.#options
    const { flight, cancelled } = await flyAbortably(session, start, signal)
    if (cancelled && signal !== undefined && (flight.kind === 'lost' || flight.failure !== null)) {
      this.#land(flight)
      throw this.#die(abortedError(signal))
    }
    return this.#landed(flight)
  }

  #landed(flight: Flight): LandedFlight {
    this.#land(flight)
    if (flight.kind === 'lost') throw this.#die(lostError(flight))
    return flight
  }

  #land(flight: Flight): void {
    if (flight.kind === 'landed') this.#status = flight.status
    else this.#lost = true
  }

  #release(session: Session): void {
    this.#session = null
    // INVARIANT: a connection that is not known to be idle is never used by another transaction.
    session.release(this.#lost || this.#tainted || this.#spent || this.#status !== 'idle')
    this.#ended = true
  }

  /** A statement such as COMMIT ends the transaction, and the context with it. */
  #requireOpen(): void {
    if (this.#status !== 'idle') return
    this.#tainted = true
    throw this.#die(
      new WatertightError('INVALID_INPUT', 'a statement ended the transaction by itself', {
        hint: 'Leave BEGIN, COMMIT and ROLLBACK to run().',
      }),
    )
  }

  #die(error: WatertightError): WatertightError {
    this.#dead ??= error
    return error
  }
}
