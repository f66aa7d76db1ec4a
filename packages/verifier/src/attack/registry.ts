import type { Attack } from './attack.js'
import { blindDelete } from './attacks/blind-delete/index.js'
import { blindUpdate } from './attacks/blind-update/index.js'
import { foreignInsert } from './attacks/foreign-insert/index.js'
import { foreignSelect } from './attacks/foreign-select/index.js'
import { noContextDelete } from './attacks/no-context-delete/index.js'
import { noContextInsert } from './attacks/no-context-insert/index.js'
import { noContextSelect } from './attacks/no-context-select/index.js'
import { noContextUpdate } from './attacks/no-context-update/index.js'
import { rowHop } from './attacks/row-hop/index.js'

/** Every attack, one line each; a test holds registered ⇔ documented ⇔ tested. */
export const attacks: readonly Attack[] = [
  blindDelete,
  blindUpdate,
  foreignInsert,
  foreignSelect,
  noContextDelete,
  noContextInsert,
  noContextSelect,
  noContextUpdate,
  rowHop,
]
