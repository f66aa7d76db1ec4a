import { idOf } from '../throughput/shop.js'
import { itemById, itemWithSupplier, supplierById } from '../throughput/statements.js'
import type { Workload } from './workload.js'
import { placeOf } from './workload.js'

/** Three reads in one read-only transaction, each of which needs the one before it. */
export const dependentReads: Workload = {
  name: 'three dependent reads',
  run(subject, index, size) {
    const place = placeOf(index, size)
    const tenant = idOf('tenant', place.tenant)
    const item = idOf('item', place.tenant, place.row)
    return subject.transaction(
      tenant,
      async (run) => {
        const [found] = await run(itemWithSupplier(tenant, item))
        const [supplier] = await run(supplierById(tenant, found?.['supplier_id']))
        return run(itemById(tenant, supplier === undefined ? '' : item))
      },
      true,
    )
  },
}
