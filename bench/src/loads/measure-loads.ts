import type { Shops } from '../throughput/databases.js'
import type { Pooled, PooledOptions } from './through-pgbouncer.js'
import { measureThroughPgBouncer } from './through-pgbouncer.js'
import type { WhaleMix } from './whale-mix.js'
import { measureWhaleMix } from './whale-mix.js'

/** What full runs measure beside one workload at a time. */
export interface Loads {
  readonly whaleMix: WhaleMix
  /** Null without PgBouncer. */
  readonly pgBouncer: Pooled | null
}

export interface LoadOptions extends Omit<PooledOptions, 'callers'> {
  readonly onProgress: (line: string) => void
  /** Of the whale; 1,000,000 in full runs. */
  readonly whaleRows?: number
  readonly minnows?: number
  readonly callers?: number
}

export async function measureLoads(
  serverUrl: string,
  shops: Shops,
  options: LoadOptions,
): Promise<Loads> {
  const { onProgress, timing, whaleRows = 1_000_000, minnows = 1000, callers = 500 } = options
  onProgress(`measuring: a whale of ${whaleRows} rows among ${minnows} minnows`)
  const whaleMix = await measureWhaleMix(serverUrl, { ...timing, whaleRows, minnows })
  onProgress(`measuring: ${callers} callers through PgBouncer`)
  const pgBouncer = await measureThroughPgBouncer(shops, { ...options, callers }).catch(
    (error: unknown) => {
      onProgress(`PgBouncer: ${String(error)}`)
      return null
    },
  )
  return { whaleMix, pgBouncer }
}
