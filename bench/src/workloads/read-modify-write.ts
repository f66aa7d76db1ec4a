import { idOf } from '../throughput/shop.js'
import { setStock, stockForUpdate } from '../throughput/statements.js'
import type { Workload } from './workload.js'
import { placeOf } from './workload.js'

/** Reads a stock under a lock, computes, and writes it back. */
export const readModifyWrite: Workload = {
  name: 'read-modify-write',
  run(subject, index, size) {
    const place = placeOf(index, size)
    const tenant = idOf('tenant', place.tenant)
    const item = idOf('item', place.tenant, place.row)
    return subject.transaction(tenant, async (run) => {
      const [found] = await run(stockForUpdate(tenant, item))
      return run(setStock(tenant, item, Number(found?.['stock']) - 1))
    })
  },
}
