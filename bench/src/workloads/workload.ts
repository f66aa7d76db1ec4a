import type { Adapter, Subject } from '../throughput/adapter.js'
import type { ShopSize } from '../throughput/shop.js'

/** One transaction, over and over. One file each. */
export interface Workload {
  readonly name: string
  /** Runs the `index`-th transaction; the index spreads over tenants and rows. */
  run(subject: Subject, index: number, size: ShopSize, adapter: Adapter): Promise<unknown>
}

/** Spreads an index over tenants and rows, alike for every variant. */
export function placeOf(index: number, size: ShopSize): { tenant: number; row: number } {
  const spread = Math.imul(index + 1, 2_654_435_761) >>> 0
  return {
    tenant: spread % size.tenants,
    row: Math.floor(spread / size.tenants) % size.itemsPerTenant,
  }
}
