import type { Attack } from './attack.js'
import { blindDelete } from './attacks/blind-delete/index.js'
import { blindUpdate } from './attacks/blind-update/index.js'
import { blindedGuard } from './attacks/blinded-guard/index.js'
import { collidingKey } from './attacks/colliding-key/index.js'
import { copy } from './attacks/copy/index.js'
import { craftedRowDelete } from './attacks/crafted-row-delete/index.js'
import { craftedRowHop } from './attacks/crafted-row-hop/index.js'
import { craftedRowInsert } from './attacks/crafted-row-insert/index.js'
import { craftedRowSelect } from './attacks/crafted-row-select/index.js'
import { craftedRowUpdate } from './attacks/crafted-row-update/index.js'
import { endedGrant } from './attacks/ended-grant/index.js'
import { foreignInsert } from './attacks/foreign-insert/index.js'
import { foreignSelect } from './attacks/foreign-select/index.js'
import { forgedSettingDelete } from './attacks/forged-setting-delete/index.js'
import { forgedSettingHop } from './attacks/forged-setting-hop/index.js'
import { forgedSettingInsert } from './attacks/forged-setting-insert/index.js'
import { forgedSettingSelect } from './attacks/forged-setting-select/index.js'
import { forgedSettingUpdate } from './attacks/forged-setting-update/index.js'
import { forgedToken } from './attacks/forged-token/index.js'
import { magicContext } from './attacks/magic-context/index.js'
import { mergeDelete } from './attacks/merge-delete/index.js'
import { mergeInsert } from './attacks/merge-insert/index.js'
import { mergeUpdate } from './attacks/merge-update/index.js'
import { noContextDelete } from './attacks/no-context-delete/index.js'
import { noContextInsert } from './attacks/no-context-insert/index.js'
import { noContextSelect } from './attacks/no-context-select/index.js'
import { noContextUpdate } from './attacks/no-context-update/index.js'
import { otherUnitDelete } from './attacks/other-unit-delete/index.js'
import { otherUnitSelect } from './attacks/other-unit-select/index.js'
import { otherUnitUpdate } from './attacks/other-unit-update/index.js'
import { ownerlessDelete } from './attacks/ownerless-delete/index.js'
import { ownerlessInsert } from './attacks/ownerless-insert/index.js'
import { ownerlessUpdate } from './attacks/ownerless-update/index.js'
import { roleChange } from './attacks/role-change/index.js'
import { rowHop } from './attacks/row-hop/index.js'
import { selfGrant } from './attacks/self-grant/index.js'
import { shadowFunction } from './attacks/shadow-function/index.js'
import { shadowTable } from './attacks/shadow-table/index.js'
import { truncate } from './attacks/truncate/index.js'
import { upsert } from './attacks/upsert/index.js'

/** Every attack, one line each; a test holds registered ⇔ documented ⇔ tested. */
export const attacks: readonly Attack[] = [
  blindDelete,
  blindUpdate,
  blindedGuard,
  collidingKey,
  copy,
  craftedRowDelete,
  craftedRowHop,
  craftedRowInsert,
  craftedRowSelect,
  craftedRowUpdate,
  endedGrant,
  foreignInsert,
  foreignSelect,
  forgedSettingDelete,
  forgedSettingHop,
  forgedSettingInsert,
  forgedSettingSelect,
  forgedSettingUpdate,
  forgedToken,
  magicContext,
  mergeDelete,
  mergeInsert,
  mergeUpdate,
  noContextDelete,
  noContextInsert,
  noContextSelect,
  noContextUpdate,
  otherUnitDelete,
  otherUnitSelect,
  otherUnitUpdate,
  ownerlessDelete,
  ownerlessInsert,
  ownerlessUpdate,
  roleChange,
  rowHop,
  selfGrant,
  shadowFunction,
  shadowTable,
  truncate,
  upsert,
]
