import { WatertightError } from '../errors/index.js'
import { abortedError } from './abortable-flight.js'
import type { Session } from './driver.js'

export interface AcquireLimits {
  /** Milliseconds; 0 waits for ever. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/**
 * Waits for a connection for a bounded time. One that arrives too late goes back at once, unused.
 *
 * @throws ACQUIRE_TIMEOUT, ABORTED, and whatever `acquire` rejects with.
 */
export function acquireWithin(
  acquire: () => Promise<Session>,
  { timeout, signal }: AcquireLimits,
): Promise<Session> {
  if (signal?.aborted === true) return Promise.reject(abortedError(signal))
  if (timeout === 0 && signal === undefined) return acquire()
  return new Promise((resolve, reject) => {
    let waiting = true
    const stop = (): boolean => {
      if (!waiting) return false
      waiting = false
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      return true
    }
    const timer =
      timeout === 0
        ? undefined
        : setTimeout(() => {
            if (stop()) reject(timedOut(timeout))
          }, timeout)
    const onAbort = (): void => {
      if (signal !== undefined && stop()) reject(abortedError(signal))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    acquire().then(
      (session) => {
        if (stop()) resolve(session)
        else session.release(false)
      },
      (error: unknown) => {
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- passed on as it came
        if (stop()) reject(error)
      },
    )
  })
}

function timedOut(timeout: number): WatertightError {
  return new WatertightError(
    'ACQUIRE_TIMEOUT',
    `no connection became free within ${timeout} ms: the pool is exhausted`,
    { hint: 'Shorten transactions, raise the size of the pool, or shed load.' },
  )
}
