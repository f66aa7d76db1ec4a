import type { AttackResult } from './attack-result.js'

/** Why an attack is withheld that locks whole tables. */
export const withheld =
  'it locks the whole table and would hold others up; --live allows that, and a scratch copy needs no leave'

/** Why a statement without WHERE is withheld. */
export const tooLarge = 'too many rows to write without WHERE; check a copy with fewer'

/** What was left out so that nobody is held up, in one sentence; empty when nothing was. */
export function notTried(results: readonly AttackResult[]): string {
  return [withheld, tooLarge]
    .flatMap((reason) => {
      const left = results.filter(
        ({ outcome }) => outcome.kind === 'inconclusive' && outcome.reason === reason,
      )
      if (left.length === 0) return []
      const ids = [...new Set(left.map(({ attack }) => attack.id))].toSorted().join(', ')
      const tables = new Set(left.map(({ object }) => object)).size
      return [`${ids} not tried on ${tables} ${tables === 1 ? 'table' : 'tables'}: ${reason}`]
    })
    .join('. ')
}
