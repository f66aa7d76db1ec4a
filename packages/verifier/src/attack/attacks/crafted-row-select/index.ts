import { withCraftedRow } from '../../crafted-row/with-crafted-row.js'
import type { Attack } from '../../attack.js'
import { foreignSelect } from '../foreign-select/index.js'

/** Reads rows of another tenant that hold what the policies look for. */
export const craftedRowSelect: Attack = withCraftedRow(foreignSelect, {
  id: 'crafted-row-select',
  title: 'Reads rows of another tenant where its columns hold what the policies look for.',
})
