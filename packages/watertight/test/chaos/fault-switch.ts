import { startCountingProxy } from '../../../../test/counting-proxy.js'
import type { Random } from './random.js'

/** Breaks connections between the callers and what they connect to. */
export interface FaultSwitch {
  /** The connection string by way of the switch. */
  through(url: string): string
  /** Breaks one connection at one of the next messages. */
  breakSoon(random: Random): void
  close(): Promise<void>
}

export async function startFaultSwitch(url: string): Promise<FaultSwitch> {
  const proxy = await startCountingProxy(url)
  return {
    through: (target) => proxy.through(target),
    breakSoon(random) {
      let left = random.int(60)
      proxy.breakAt(() => left-- === 0, random.pick(['before', 'after'] as const))
    },
    close: () => proxy.close(),
  }
}
