import type { BackOff } from './back-off.js'
import { backOffDelay } from './back-off.js'
import { TenantDelays } from './tenant-delays.js'
import type { QueueName, WorkerObserver } from './worker-observer.js'
import { guardedObserver } from './worker-observer.js'

/** One turn of a tenant: does some of what is due, and returns how much it did. */
export type Work = (tenantId: string, signal: AbortSignal) => Promise<number>

/** What a queue is worked off with. */
export interface QueueLoopOptions {
  readonly queue: QueueName
  /** Tenants with work, the longest due first. */
  readonly tenants: (limit: number) => Promise<readonly string[]>
  readonly work: Work
  /** Tenants that have their turn at the same time; 4 by default. */
  readonly slots?: number
  /** Waiting times while there is nothing to do; from a quarter of a second to ten by default. */
  readonly idle?: BackOff
  readonly observer?: WorkerObserver
}

/** A queue that is being worked off. */
export interface QueueLoop {
  /** Looks for work now rather than after the current wait. */
  wake(): void
  /** Starts no more turns, and resolves when those under way have ended. */
  stop(): Promise<void>
}

const pageSize = 100
const maxPageSize = 1000
const defaultIdle: BackOff = { first: 250, factor: 2, most: 10_000 }

/**
 * Works off a queue tenant by tenant. Fairness: everyone with work gets one bounded turn before
 * anyone gets a second, and nobody has two at once, so who has most occupies one slot and no more.
 */
export function startQueueLoop(options: QueueLoopOptions): QueueLoop {
  const { queue, work, slots = 4, idle = defaultIdle } = options
  const observer = guardedObserver(options.observer ?? {})
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()
  const delays = new TenantDelays()
  let wakeUp = (): void => undefined

  async function turn(tenantId: string): Promise<void> {
    const start = performance.now()
    try {
      const items = await work(tenantId, stopping.signal)
      if (items > 0) {
        delays.clear(tenantId)
        // There may be more of it, and this tenant was not looked at while it had its turn.
        wakeUp()
      } else delays.postpone(tenantId)
      observer.onTurn({ queue, tenantId, items, durationMs: performance.now() - start })
    } catch (error) {
      delays.postpone(tenantId)
      observer.onFailure({ queue, tenantId, error })
    }
    running.delete(tenantId)
  }

  async function due(): Promise<readonly string[]> {
    try {
      // Those who wait must not fill the page in front of those who could have their turn.
      const limit = Math.min(maxPageSize, pageSize + delays.size + running.size)
      const found = await options.tenants(limit)
      if (found.length < limit) delays.keepOnly(found)
      return found.filter((tenantId) => !running.has(tenantId) && delays.isDue(tenantId))
    } catch (error) {
      observer.onFailure({ queue, tenantId: null, error })
      return []
    }
  }

  async function pause(milliseconds: number): Promise<void> {
    observer.onIdle({ queue, delayMs: milliseconds })
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    wakeUp = () => undefined
  }

  async function run(): Promise<void> {
    let idleRounds = 0
    while (!stopping.signal.aborted) {
      const tenants = await due()
      for (const tenantId of tenants) {
        if (running.size >= slots) await Promise.race(running.values())
        if (stopping.signal.aborted) break
        running.set(tenantId, turn(tenantId))
      }
      idleRounds = tenants.length > 0 ? 0 : idleRounds + 1
      if (idleRounds > 0 && !stopping.signal.aborted) await pause(backOffDelay(idle, idleRounds))
    }
    await Promise.all(running.values())
  }

  const ended = run()
  return {
    wake: () => wakeUp(),
    stop: () => {
      stopping.abort()
      wakeUp()
      return ended
    },
  }
}
