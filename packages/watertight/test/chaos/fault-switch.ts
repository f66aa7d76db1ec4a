import { drawFault, startFaultProxy } from '../../../../test/fault-proxy.js'
import type { Fault } from '../../../../test/fault-proxy.js'
import type { Random } from '../../../../test/random.js'

/** Breaks and slows connections between the callers and what they connect to. */
export interface FaultSwitch {
  /** The connection string by way of the switch. */
  through(url: string): string
  /** Breaks or slows one connection at one of the next messages; resolves to what was chosen. */
  breakSoon(random: Random): string
  close(): Promise<void>
}

/** Slowed connections flow again after so many further failures. */
const healEvery = 40

// A stalled connection is left out: without a time-out of their own callers wait for it for ever.
const breaks = ['reset', 'eof', 'partial'] as const

export async function startFaultSwitch(url: string): Promise<FaultSwitch> {
  const proxy = await startFaultProxy(url)
  let armed = 0
  return {
    through: (target) => proxy.through(target),
    breakSoon(random) {
      armed += 1
      if (armed % healEvery === 0) proxy.reset()
      const fault = draw(random)
      proxy.arm(fault)
      const message = fault.message === '' ? 'start-up' : fault.message
      return `${fault.kind} at ${message} from the ${fault.from}`
    },
    close: () => proxy.close(),
  }
}

function draw(random: Random): Fault {
  const next = (): number => random.int(2 ** 30) / 2 ** 30
  if (random.chance(0.8)) return drawFault(next, { kinds: breaks, atMost: 20 })
  if (random.chance(0.5)) return drawFault(next, { kinds: ['latency'], atMost: 20 })
  // A slow consumer of what the server sends.
  const bytesPerSecond = 20_000 + random.int(80_000)
  return { from: 'server', message: 'D', at: 1 + random.int(20), kind: 'bandwidth', bytesPerSecond }
}
