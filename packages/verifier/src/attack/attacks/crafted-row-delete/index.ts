import { withCraftedRow } from '../../crafted-row/with-crafted-row.js'
import type { Attack } from '../../attack.js'
import { blindDelete } from '../blind-delete/index.js'

/** Deletes rows of another tenant that hold what the policies look for. */
export const craftedRowDelete: Attack = withCraftedRow(blindDelete, {
  id: 'crafted-row-delete',
  title: 'Deletes rows of another tenant where its columns hold what the policies look for.',
})
