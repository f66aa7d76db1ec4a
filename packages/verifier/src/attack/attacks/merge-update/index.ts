import { ident, sql } from 'watertight/sql'
import { inconclusive } from '../../attack.js'
import type { Attack, Outcome } from '../../attack.js'
import { canMatch, mergeMatched } from '../../merge/merge-matched.js'
import { neutralColumns, ownKey, ownValue } from '../../update-columns.js'

/** The UPDATE arm of MERGE over rows of the victim: the key, then a plain column. */
export const mergeUpdate: Attack = {
  id: 'merge-update',
  title: 'Updates rows of another tenant by MERGE, and tries to take them over.',
  command: 'UPDATE',
  context: 'own',
  applies: canMatch,
  run: async (probe) => {
    const what = 'rows of another tenant were updated by MERGE'
    let last: Outcome = inconclusive('the role may update no plain column')
    const key = await ownKey(probe)
    const plain = neutralColumns(probe)[0]
    const neutral = plain === undefined ? null : await ownValue(probe, plain)
    const changes = [
      ...(neutral === null ? [] : [[neutral.column, neutral.value] as const]),
      ...(key?.columns ?? []).map((name, index) => [name, key?.values[index]] as const),
    ]
    for (const [name, value] of changes) {
      const outcome = await mergeMatched(probe, sql`update set ${ident(name)} = $2`, [value], what)
      if (outcome.kind === 'leak') return outcome
      if (last.kind !== 'held') last = outcome
    }
    return last
  },
}
