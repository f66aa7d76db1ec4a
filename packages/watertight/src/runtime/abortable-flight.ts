import { WatertightError } from '../errors/index.js'
import type { Flight, Session } from './driver.js'

/** Milliseconds that a cancelled statement has to end before its connection is given up. */
const grace = 5000

/** The typed error of an operation that its caller gave up. `cause` is the reason of the signal. */
export function abortedError(signal: AbortSignal): WatertightError {
  return new WatertightError('ABORTED', 'the operation was aborted; it did not commit', {
    cause: signal.reason,
  })
}

/** A flight, and whether a cancel request was sent for it. */
export interface AbortableFlight {
  readonly flight: Flight
  readonly cancelled: boolean
}

/**
 * Flies, and asks the server to cancel once the signal is aborted. Never rejects. That the request
 * cannot hit a later flight, of another tenant perhaps, is the driver's part.
 */
export async function flyAbortably(
  session: Session,
  start: () => Promise<Flight>,
  signal: AbortSignal | undefined,
): Promise<AbortableFlight> {
  if (signal === undefined) return { flight: await start(), cancelled: false }
  let cancelled = false
  let giveUp: (flight: Flight) => void = () => undefined
  const givenUp = new Promise<Flight>((resolve) => (giveUp = resolve))
  let timer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    cancelled = true
    void session.cancel()
    timer = setTimeout(() => giveUp(unanswered()), grace)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    const flight = await Promise.race([start(), givenUp])
    return { flight, cancelled }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

/** A flight that follows an abort, such as ROLLBACK: given up when there is no answer in time. */
export async function flyWithinGrace(flight: Promise<Flight>): Promise<Flight> {
  let timer: NodeJS.Timeout | undefined
  const givenUp = new Promise<Flight>((resolve) => {
    timer = setTimeout(() => resolve(unanswered()), grace)
  })
  try {
    return await Promise.race([flight, givenUp])
  } finally {
    clearTimeout(timer)
  }
}

function unanswered(): Flight {
  const cause = new Error(`the server did not answer within ${grace} ms of a cancel request`)
  return { kind: 'lost', sent: true, refused: false, cause }
}
