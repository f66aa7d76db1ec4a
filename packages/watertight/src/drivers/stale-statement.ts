import type { Flight, LandedFlight, Statement } from '../runtime/driver.js'

/**
 * Where PostgreSQL fails when it plans a prepared statement anew: other columns come out of it, or its
 * parameters keep the types that they had when it was prepared. Names of functions are not translated.
 */
const routines: Readonly<Record<string, string>> = {
  RevalidateCachedQuery: '0A000',
  transformAssignedExpr: '42804',
  op_error: '42883',
}

/**
 * Whether the failed statement, if it is a prepared one, may fail only because a table was altered
 * since. What fails inside of a function says where, and is not meant.
 */
export function isReplanFailure({ failure }: LandedFlight): boolean {
  if (failure?.origin !== 'server') return false
  const { code, routine, where } = failure.cause as Readonly<Record<string, unknown>>
  return where === undefined && typeof routine === 'string' && routines[routine] === code
}

/**
 * Whether a value was refused as input of the type of its parameter. A prepared statement keeps the types
 * that it had at first, so it may be one that the column takes by now, and a type that was replaced is
 * not there any more. The server names the parameter: `unnamed portal parameter $1 = '...'`.
 */
export function isInputFailure({ failure }: LandedFlight): boolean {
  if (failure?.origin !== 'server') return false
  const { code, routine, where } = failure.cause as Readonly<Record<string, unknown>>
  if (typeof code !== 'string' || typeof where !== 'string') return false
  const isOfInput = code.startsWith('22') || (code === 'XX000' && routine === 'getTypeInputInfo')
  return isOfInput && /\$\d+( = |$)/.test(where)
}

/** Whether a flight that began idle did nothing: at most its transaction began, and contexts ran. */
export function mayGoAgain(flight: Flight, statements: readonly Statement[]): boolean {
  if (flight.kind === 'lost' || flight.status === 'open') return false
  const before = statements.slice(0, flight.failure?.index ?? 0)
  return before.every(({ discard }) => discard === true)
}

const rollback: Statement = { text: 'rollback', values: [], discard: true }

/** Sends the statements of a flight that may go again, after the end of the transaction it began. */
export async function flyAgain(
  { status }: LandedFlight,
  statements: readonly Statement[],
  fly: (statements: readonly Statement[]) => Promise<Flight>,
): Promise<Flight> {
  if (status === 'idle') return fly(statements)
  const flight = await fly([rollback, ...statements])
  if (flight.kind === 'lost') return flight
  const { results, failure } = flight
  return {
    ...flight,
    results: results.slice(1),
    failure: failure === null ? null : { ...failure, index: failure.index - 1 },
  }
}
