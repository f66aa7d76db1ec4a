import type { Outcome } from './attack.js'
import type { ObjectProbe } from './object-attack.js'

/** Tries it as one side and, where that shows no leak, as the other: rows that exist may be one side's only. */
export async function bothWays(
  probe: ObjectProbe,
  attack: (probe: ObjectProbe) => Promise<Outcome>,
): Promise<Outcome> {
  const first = await attack(probe)
  const { own, foreign } = probe.pair
  if (first.kind === 'leak' || probe.foreignContext === null) return first
  const second = await attack({
    ...probe,
    context: probe.foreignContext,
    foreignContext: probe.context,
    pair: { ...probe.pair, own: foreign, foreign: own },
    synthesis: (side) => probe.synthesis(side === 'own' ? 'foreign' : 'own'),
    rows: async (target) => {
      const rows = await probe.rows(target)
      return typeof rows === 'string' ? rows : { own: rows.foreign, foreign: rows.own }
    },
  })
  return second.kind === 'inconclusive' ? first : second
}
