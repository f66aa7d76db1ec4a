import { idOf } from '../throughput/shop.js'
import type { Workload } from './workload.js'
import { placeOf } from './workload.js'

/** The first page of a tenant's items. */
export const listOfTen: Workload = {
  name: 'list of ten',
  run: (subject, index, size) => subject.listItems(idOf('tenant', placeOf(index, size).tenant)),
}
