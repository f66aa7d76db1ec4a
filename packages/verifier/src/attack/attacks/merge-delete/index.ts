import { sql } from 'watertight/sql'
import type { Attack } from '../../attack.js'
import { canMatch, mergeMatched } from '../../merge/merge-matched.js'

/** The DELETE arm of MERGE over rows of the victim. */
export const mergeDelete: Attack = {
  id: 'merge-delete',
  title: 'Deletes rows of another tenant by MERGE.',
  command: 'DELETE',
  context: 'own',
  applies: canMatch,
  run: (probe) =>
    mergeMatched(probe, sql`delete`, [], 'rows of another tenant were deleted by MERGE'),
}
