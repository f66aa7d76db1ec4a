import type { TxManager } from 'watertight/runtime'
import { dropExpiredKeys } from '../api/request-key-repository.js'

const keysAtOnce = 1000
const interval = 10 * 60 * 1000

/** What goes on beside the queues until it is stopped. */
export interface Pruning {
  /** Resolves when what is in hand is finished. */
  stop(): Promise<void>
}

/**
 * Deletes idempotency keys whose day is over, every ten minutes, at most a thousand of a kind in one
 * transaction. Any number of processes may do so at the same time.
 *
 * @param onFailure is told of an error; the next turn tries again
 */
export function startPruning(
  tx: Pick<TxManager, 'asWorker'>,
  onFailure: (error: unknown) => void,
): Pruning {
  const stopping = new AbortController()

  async function prune(): Promise<void> {
    let dropped = keysAtOnce
    while (dropped >= keysAtOnce && !stopping.signal.aborted) {
      dropped = await tx.asWorker({ tenantId: null }).run((db) => dropExpiredKeys(db, keysAtOnce))
    }
  }

  let running = prune().catch(onFailure)
  const timer = setInterval(() => {
    running = running.then(prune).catch(onFailure)
  }, interval)
  timer.unref()
  return {
    stop() {
      stopping.abort()
      clearInterval(timer)
      return running
    },
  }
}
