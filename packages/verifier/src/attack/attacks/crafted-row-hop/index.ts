import { withCraftedRow } from '../../crafted-row/with-crafted-row.js'
import type { Attack } from '../../attack.js'
import { rowHop } from '../row-hop/index.js'

/** Moves its own rows to another tenant that hold what the policies look for. */
export const craftedRowHop: Attack = withCraftedRow(
  rowHop,
  {
    id: 'crafted-row-hop',
    title: 'Moves its own row to another tenant where its columns hold what the policies look for.',
  },
  'own',
)
