import { idOf } from '../throughput/shop.js'
import { insertNotes } from '../throughput/statements.js'
import type { Workload } from './workload.js'
import { placeOf } from './workload.js'

const bodies = Array.from({ length: 100 }, (_, index) => `note ${index}`)

/** A hundred rows in one statement. */
export const bulkInsert: Workload = {
  name: 'bulk insert of 100',
  run(subject, index, size) {
    const tenant = idOf('tenant', placeOf(index, size).tenant)
    return subject.one(tenant, insertNotes(tenant, bodies))
  },
}
