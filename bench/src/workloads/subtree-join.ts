import { idOf } from '../throughput/shop.js'
import { ordersBelow } from '../throughput/statements.js'
import type { Workload } from './workload.js'
import { placeOf } from './workload.js'

/** Three tables joined, below the unit at the top of a tree of depth six. */
export const subtreeJoin: Workload = {
  name: 'three-table join below an org unit',
  run(subject, index, size, adapter) {
    const place = placeOf(index, size).tenant
    const tenant = idOf('tenant', place)
    const unit = idOf('unit', place, 2 + (index % 2))
    return subject.one(tenant, ordersBelow(tenant, unit, adapter.shop === 'signed'), unit)
  },
}
