import { WatertightError } from '../errors/index.js'
import { ident, sql } from '../sql/index.js'
import { connectionError, lostError, statementError, unknownOutcome } from './driver-error.js'
import type { DriverResult, LandedFlight, Session, Statement, TransactionStatus } from './driver.js'

export interface ServerTransactionOptions {
  readonly acquire: () => Promise<Session>
  /** BEGIN and the context; made when they are sent, so that the token is fresh. */
  readonly opening: () => readonly Statement[]
}

/** A savepoint that rides with the next statement, and whether the server has it. */
export interface Savepoint {
  readonly name: string
  set: boolean
}

interface Rider {
  readonly statement: Statement
  readonly savepoint: Savepoint | null
}

function command(text: string): Statement {
  return { text, values: [] }
}

/**
 * One transaction on one connection, as the server sees it. The connection is taken and BEGIN sent
 * with the first statement; statements that need no answer of their own (BEGIN, the context,
 * SAVEPOINT, RELEASE) ride with the next one.
 */
export class ServerTransaction {
  readonly #options: ServerTransactionOptions
  #session: Session | null = null
  #riders: Rider[] = []
  #begun = false
  #status: TransactionStatus = 'idle'
  /** Why nothing more can be sent. */
  #dead: WatertightError | null = null
  #tail: Promise<unknown> = Promise.resolve()
  #savepoints = 0

  constructor(options: ServerTransactionOptions) {
    this.#options = options
  }

  /** What ended the transaction before its time, if anything did. */
  get dead(): WatertightError | null {
    return this.#dead
  }

  get status(): TransactionStatus {
    return this.#status
  }

  /** Runs a statement after those before it; one round trip. */
  execute(statement: Statement): Promise<DriverResult> {
    return this.#inTurn(async () => {
      const riders = await this.#open()
      const flight = await this.#fly([...riders.map((rider) => rider.statement), statement])
      this.#landRiders(riders, flight)
      if (flight.failure !== null) throw statementError(flight.failure)
      this.#requireOpen()
      const result = flight.results.at(-1)
      if (result === undefined) throw new TypeError('the driver returned no result')
      return result
    })
  }

  /** Queues a savepoint; costs no round trip. */
  savepoint(): Savepoint {
    this.#savepoints += 1
    const savepoint = { name: `watertight_${this.#savepoints}`, set: false }
    const statement = command(sql`savepoint ${ident(savepoint.name)}`.text)
    this.#riders.push({ statement, savepoint })
    return savepoint
  }

  /** Keeps what was done since the savepoint; costs no round trip. */
  releaseSavepoint(savepoint: Savepoint): void {
    if (this.#forget(savepoint)) return
    const statement = command(sql`release savepoint ${ident(savepoint.name)}`.text)
    this.#riders.push({ statement, savepoint: null })
  }

  /** Undoes what was done since the savepoint. */
  async rollbackTo(savepoint: Savepoint): Promise<void> {
    if (this.#forget(savepoint) || this.#dead !== null) return
    // Whatever waits to ride is about savepoints inside this one, which go with it.
    this.#riders = []
    const name = ident(savepoint.name)
    await this.#inTurn(async () => {
      const flight = await this.#fly([
        command(sql`rollback to savepoint ${name}`.text),
        command(sql`release savepoint ${name}`.text),
      ])
      if (flight.failure !== null) throw this.#die(statementError(flight.failure))
      this.#requireOpen()
    })
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
      const flight = await session.flight([command('commit')])
      this.#status = flight.kind === 'landed' ? flight.status : 'failed'
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
    if (this.#begun && this.#dead === null) {
      const flight = await session.flight([command('rollback')])
      this.#status = flight.kind === 'landed' ? flight.status : 'failed'
    }
    this.#release(session)
  }

  #release(session: Session): void {
    this.#session = null
    // INVARIANT: a connection that is not known to be idle is never used by another transaction.
    session.release(this.#dead !== null || this.#status !== 'idle')
    this.#dead ??= new WatertightError('TX_CLOSED', 'the transaction has ended')
  }

  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = this.#tail.then(() => {
      if (this.#dead !== null) throw this.#dead
      return task()
    })
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  /** Takes a connection if there is none yet; returns what rides with the next statement. */
  async #open(): Promise<readonly Rider[]> {
    if (this.#session === null) {
      try {
        this.#session = await this.#options.acquire()
      } catch (error) {
        throw this.#die(connectionError(error))
      }
    }
    if (this.#begun) return this.#riders
    const opening = this.#options.opening().map((statement) => ({ statement, savepoint: null }))
    return [...opening, ...this.#riders]
  }

  async #fly(statements: readonly Statement[]): Promise<LandedFlight> {
    const session = this.#session
    if (session === null) throw new TypeError('no connection was taken')
    const flight = await session.flight(statements)
    if (flight.kind === 'lost') throw this.#die(lostError(flight))
    this.#status = flight.status
    return flight
  }

  /** Takes the riders that the server executed off the list. */
  #landRiders(riders: readonly Rider[], { results }: LandedFlight): void {
    const executed = riders.slice(0, results.length)
    if (executed.length > 0) this.#begun = true
    for (const { savepoint } of executed) if (savepoint !== null) savepoint.set = true
    this.#riders = this.#riders.filter((rider) => !executed.includes(rider))
  }

  /** True when the savepoint never reached the server: then there is nothing to undo or keep. */
  #forget(savepoint: Savepoint): boolean {
    if (savepoint.set) return false
    this.#riders = this.#riders.filter((rider) => rider.savepoint !== savepoint)
    return true
  }

  /** A statement such as COMMIT ends the transaction, and the context with it. */
  #requireOpen(): void {
    if (this.#status !== 'idle') return
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
