import { adapterOf } from '../throughput/adapters.js'
import type { Shops } from '../throughput/databases.js'
import { interleave, ratioOf, spreadOf } from '../throughput/rounds.js'
import type { Spread } from '../throughput/rounds.js'
import type { ShopSize } from '../throughput/shop.js'
import type { Variant } from '../throughput/variant.js'
import type { VariantStart } from '../throughput/variant-start.js'
import { startPooler } from './pooler.js'

type OpenVariant = Pick<Variant, 'canary' | 'measure' | 'close'>

export interface PooledOptions {
  readonly size: ShopSize
  readonly timing: {
    readonly rounds: number
    /** Milliseconds of a sample, and of what precedes the first one. */
    readonly sampleMs: number
    readonly warmUpMs: number
  }
  readonly callers: number
  readonly openVariant: (start: VariantStart) => Promise<OpenVariant>
}

export interface PooledFigures {
  /** `INVALID`: it did not keep tenants apart behind the pooler. */
  readonly status: 'valid' | 'INVALID'
  readonly perSecond: Spread
  /** Processor time of the client per transaction, in microseconds. */
  readonly clientCpuUs: Spread
  /** Throughput against that of the first variant. */
  readonly vsRaw: Spread
}

export interface Pooled {
  readonly callers: number
  /** Connections from the pooler to the server, for each database. */
  readonly serverPoolSize: number
  readonly variants: Readonly<Record<string, PooledFigures>>
}

/** The floor first. */
const names = ['raw-where', 'raw-rls', 'watertight'] as const
const serverPoolSize = 20
const workload = 'primary-key read'

/**
 * Many callers, each with a connection of its own to one PgBouncer in transaction mode, and the
 * cheapest read: raw `pg` with its condition, raw `pg` under RLS in four trips, and watertight.
 */
export async function measureThroughPgBouncer(
  shops: Shops,
  { size, timing, callers, openVariant }: PooledOptions,
): Promise<Pooled> {
  const urls = names.map((name) => shops.urls[adapterOf(name).shop])
  const pooler = await startPooler(urls, {
    serverPoolSize,
    // Each variant keeps its connections from round to round.
    maxClients: 2 * names.length * callers,
  })
  const open = new Map<string, OpenVariant>()
  try {
    const failed = new Set<string>()
    for (const [index, name] of names.entries()) {
      const url = pooler.urls[index] ?? ''
      const target = { url, signingKey: shops.signingKey, poolSize: callers }
      const variant = await openVariant({ adapter: name, target, size })
      open.set(name, variant)
      if ((await variant.canary()).length > 0) failed.add(name)
      await variant.measure(workload, timing.warmUpMs, callers)
    }
    const samples = await interleave(names, timing.rounds, (name) =>
      (open.get(name) as OpenVariant).measure(workload, timing.sampleMs, callers),
    )
    const rates = (name: string): readonly number[] =>
      samples.get(name as (typeof names)[number])?.map(({ perSecond }) => perSecond) ?? []
    const variants = [...samples].map(([name, found]): [string, PooledFigures] => [
      name,
      {
        status: failed.has(name) ? 'INVALID' : 'valid',
        perSecond: spreadOf(rates(name)),
        clientCpuUs: spreadOf(found.map(({ clientCpuUs }) => clientCpuUs)),
        vsRaw: ratioOf(rates(name), rates(names[0])),
      },
    ])
    return { callers, serverPoolSize, variants: Object.fromEntries(variants) }
  } finally {
    await Promise.all([...open.values()].map((variant) => variant.close()))
    await pooler.stop()
  }
}
