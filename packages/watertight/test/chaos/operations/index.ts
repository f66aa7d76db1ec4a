import { attacks } from './attacks.js'
import { flows } from './flows.js'
import { limits } from './limits.js'
import { misuse } from './misuse.js'
import type { Operation } from './operation.js'
import { reads } from './reads.js'
import { transactions } from './transactions.js'
import { writes } from './writes.js'

/** Everything that the callers of a run do. */
export const operations: readonly Operation[] = [
  ...reads,
  ...writes,
  ...attacks,
  ...transactions,
  ...misuse,
  ...limits,
  ...flows,
]
