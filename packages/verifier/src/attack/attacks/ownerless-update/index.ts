import { withOwnerlessRow } from '../../ownerless-row.js'
import type { Attack } from '../../attack.js'
import { blindUpdate } from '../blind-update/index.js'

/** Changes rows that no tenant owns. */
export const ownerlessUpdate: Attack = withOwnerlessRow(blindUpdate, {
  id: 'ownerless-update',
  title: 'Changes a row without a tenant, which every tenant shares.',
})
