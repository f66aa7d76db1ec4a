import { cascade } from './attacks/cascade/index.js'
import { foreignReference } from './attacks/foreign-reference/index.js'
import { functionCall } from './attacks/function-call/index.js'
import { largeObject } from './attacks/large-object/index.js'
import { leakyView } from './attacks/leaky-view/index.js'
import { preparedPlan } from './attacks/prepared-plan/index.js'
import { serverInternals } from './attacks/server-internals/index.js'
import { sharedRows } from './attacks/shared-rows/index.js'
import { triggerCopy } from './attacks/trigger-copy/index.js'
import { triggerWrite } from './attacks/trigger-write/index.js'
import { viewWrite } from './attacks/view-write/index.js'
import type { ObjectAttack } from './object-attack.js'

/** Every attack on objects other than protected tables, one line each. */
export const objectAttacks: readonly ObjectAttack[] = [
  cascade,
  foreignReference,
  functionCall,
  largeObject,
  leakyView,
  preparedPlan,
  serverInternals,
  sharedRows,
  triggerCopy,
  triggerWrite,
  viewWrite,
]
