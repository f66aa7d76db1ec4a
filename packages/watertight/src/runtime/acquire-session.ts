import { WatertightError } from '../errors/index.js'
import { abortedError } from './abortable-flight.js'
import { connectionError } from './driver-error.js'
import type { Session } from './driver.js'

interface Wait {
  readonly until: number
  readonly expire: () => void
}

/**
 * Ends waits for a connection that take too long, by one timer for all of them: a timer of its own
 * is a large part of what a short wait costs.
 */
export class AcquireDeadlines {
  readonly #timeout: number
  /** Oldest first, since all may take equally long. */
  readonly #waits = new Set<Wait>()
  #timer: NodeJS.Timeout | null = null

  /** `timeout` in milliseconds; 0 waits for ever. */
  constructor(timeout: number) {
    this.#timeout = timeout
  }

  /** Calls `expire` with the typed error once the time is up, unless the wait was ended before. */
  begin(expire: (error: WatertightError) => void): Wait | null {
    if (this.#timeout === 0) return null
    const wait: Wait = {
      until: performance.now() + this.#timeout,
      expire: () => expire(timedOut(this.#timeout)),
    }
    this.#waits.add(wait)
    if (this.#timer === null) this.#arm(this.#timeout)
    // Only a wait keeps the process alive, not what is left of the timer when it is over.
    else if (this.#waits.size === 1) this.#timer.ref()
    return wait
  }

  end(wait: Wait): void {
    this.#waits.delete(wait)
    if (this.#waits.size === 0) this.#timer?.unref()
  }

  #arm(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#sweep(), milliseconds)
  }

  #sweep(): void {
    this.#timer = null
    const now = performance.now()
    for (const wait of this.#waits) {
      // Timers may fire a little early.
      if (wait.until > now + 1) return this.#arm(wait.until - now)
      this.#waits.delete(wait)
      wait.expire()
    }
  }
}

/**
 * Waits for a connection for a bounded time. One that arrives too late goes back at once, unused.
 *
 * @throws ACQUIRE_TIMEOUT, ABORTED, CONNECTION_FAILED, AUTHENTICATION_FAILED, and the typed errors
 * that `acquire` rejects with.
 */
export function acquireWithin(
  acquire: () => Promise<Session>,
  deadlines: AcquireDeadlines,
  signal: AbortSignal | undefined,
): Promise<Session> {
  if (signal?.aborted === true) return Promise.reject(abortedError(signal))
  return new Promise((resolve, reject) => {
    let waiting = true
    const stop = (): boolean => {
      if (!waiting) return false
      waiting = false
      if (wait !== null) deadlines.end(wait)
      signal?.removeEventListener('abort', onAbort)
      return true
    }
    const wait = deadlines.begin((error) => {
      if (stop()) reject(error)
    })
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
        if (stop()) reject(connectionError(error))
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
