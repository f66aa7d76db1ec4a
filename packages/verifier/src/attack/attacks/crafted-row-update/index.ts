import { withCraftedRow } from '../../crafted-row/with-crafted-row.js'
import type { Attack } from '../../attack.js'
import { blindUpdate } from '../blind-update/index.js'

/** Updates rows of another tenant that hold what the policies look for. */
export const craftedRowUpdate: Attack = withCraftedRow(blindUpdate, {
  id: 'crafted-row-update',
  title: 'Updates rows of another tenant where its columns hold what the policies look for.',
})
