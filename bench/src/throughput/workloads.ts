import { bulkInsert } from '../workloads/bulk-insert.js'
import { dependentReads } from '../workloads/dependent-reads.js'
import { listOfTen } from '../workloads/list-of-ten.js'
import { primaryKeyRead } from '../workloads/primary-key-read.js'
import { readModifyWrite } from '../workloads/read-modify-write.js'
import { subtreeJoin } from '../workloads/subtree-join.js'
import type { Workload } from '../workloads/workload.js'

export const workloads: readonly Workload[] = [
  primaryKeyRead,
  listOfTen,
  dependentReads,
  readModifyWrite,
  bulkInsert,
  subtreeJoin,
]

export function workloadOf(name: string): Workload {
  const found = workloads.find((workload) => workload.name === name)
  if (found === undefined) {
    const known = workloads.map((workload) => workload.name).join(', ')
    throw new RangeError(`there is no workload ${name}; there are: ${known}`)
  }
  return found
}
