import { withCraftedRow } from '../../crafted-row/with-crafted-row.js'
import type { Attack } from '../../attack.js'
import { foreignInsert } from '../foreign-insert/index.js'

/** Inserts a row of another tenant that hold what the policies look for. */
export const craftedRowInsert: Attack = withCraftedRow(foreignInsert, {
  id: 'crafted-row-insert',
  title: 'Inserts a row of another tenant where its columns hold what the policies look for.',
})
