import { withOwnerlessRow } from '../../ownerless-row.js'
import type { Attack } from '../../attack.js'
import { blindDelete } from '../blind-delete/index.js'

/** Deletes rows that no tenant owns. */
export const ownerlessDelete: Attack = withOwnerlessRow(blindDelete, {
  id: 'ownerless-delete',
  title: 'Deletes a row without a tenant, which every tenant shares.',
})
