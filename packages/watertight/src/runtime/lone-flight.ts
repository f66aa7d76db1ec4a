import { WatertightError } from '../errors/index.js'
import { abortedError, flyAbortably } from './abortable-flight.js'
import { lostError, statementError, unknownOutcome } from './driver-error.js'
import type { DriverResult, Flight, Session, Statement } from './driver.js'
import { isReusableAfter } from './reusable-after.js'
import type { StatementListener } from './server-transaction.js'

/** A connection that was taken for statements of the caller, and what rides before them. */
export interface LoneFlight {
  readonly session: Session
  /** The context, then the time-outs if there are any. */
  readonly opening: () => readonly Statement[]
  readonly statements: readonly Statement[]
  readonly signal: AbortSignal | undefined
  readonly onStatements: StatementListener | undefined
}

/**
 * Runs statements as one implicit transaction: context and statements go under one Sync. Gives the
 * connection back.
 *
 * @throws as `TxManager.query`.
 */
export function flyAlone(lone: LoneFlight): Promise<readonly DriverResult[]> {
  const { onStatements } = lone
  return onStatements === undefined ? fly(lone, []) : flyObserved(lone, onStatements)
}

async function flyObserved(
  lone: LoneFlight,
  onStatements: StatementListener,
): Promise<readonly DriverResult[]> {
  const { statements } = lone
  const startedAt = performance.now()
  const results: DriverResult[] = []
  try {
    await fly(lone, results)
    onStatements(statements, results, null, startedAt)
    return results
  } catch (error) {
    if (error instanceof WatertightError) onStatements(statements, results, error, startedAt)
    throw error
  }
}

/** Not an async function: a promise less for each statement. */
function fly(lone: LoneFlight, results: DriverResult[]): Promise<readonly DriverResult[]> {
  const { session, signal } = lone
  let before: readonly Statement[]
  try {
    before = lone.opening()
  } catch (error) {
    // Nothing was sent.
    session.release(false)
    throw error
  }
  const all = [...before, ...lone.statements]
  const land = (flight: Flight, cancelled: boolean): readonly DriverResult[] =>
    landed(lone, results, before.length, flight, cancelled)
  const broken = (error: unknown): never => {
    session.release(true)
    throw error
  }
  try {
    return signal === undefined
      ? session.flight(all).then((flight) => land(flight, false), broken)
      : flyAbortably(session, () => session.flight(all), signal).then(
          ({ flight, cancelled }) => land(flight, cancelled),
          broken,
        )
  } catch (error) {
    return broken(error)
  }
}

function landed(
  { session, statements, signal }: LoneFlight,
  results: DriverResult[],
  before: number,
  flight: Flight,
  cancelled: boolean,
): readonly DriverResult[] {
  // INVARIANT: a connection that is not known to be idle is never used by another transaction.
  const idle = flight.kind === 'landed' && flight.status === 'idle'
  const isSpent = !statements.every(({ text }) => isReusableAfter(text))
  session.release(!idle || isSpent)
  if (flight.kind === 'lost') {
    // The implicit transaction commits at the Sync, after the last statement has completed.
    throw flight.sent && !flight.refused ? unknownOutcome(flight) : lostError(flight)
  }
  for (let index = before; index < flight.results.length; index += 1) {
    results.push(flight.results[index] as DriverResult)
  }
  if (flight.failure !== null) {
    if (cancelled && signal !== undefined) throw abortedError(signal)
    const { index } = flight.failure
    throw statementError(flight.failure, statements.length > 1 ? index - before : null)
  }
  if (!idle) {
    throw new WatertightError('INVALID_INPUT', 'a statement began a transaction by itself', {
      hint: 'Leave BEGIN, COMMIT and ROLLBACK to run().',
    })
  }
  return results
}
