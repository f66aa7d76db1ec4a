import { idOf } from '../throughput/shop.js'
import type { Workload } from './workload.js'
import { placeOf } from './workload.js'

/** One row by its primary key. */
export const primaryKeyRead: Workload = {
  name: 'primary-key read',
  run(subject, index, size) {
    const { tenant, row } = placeOf(index, size)
    return subject.readItem(idOf('tenant', tenant), idOf('item', tenant, row))
  },
}
