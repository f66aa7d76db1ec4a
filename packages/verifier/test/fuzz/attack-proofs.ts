import type { ProofResult } from '../../src/prove/proof-result.js'
import { foreignness } from './oracle.js'
import type { Disagreement, Tally } from './tally.js'
import { isRows } from './server/attempt.js'
import { commandOf, reachedRows } from './scene.js'
import type { Observed, Scene } from './scene.js'
import type { Cells } from './world.js'

/** Looks for foreign rows that were reached although the prover says that none is. */
export function attackProofs(
  { world, place, stored }: Scene,
  observed: readonly Observed[],
  proofs: readonly ProofResult[],
  tally: Tally,
): readonly Disagreement[] {
  const cells = new Map(proofs.map((proof) => [`${proof.object} ${proof.command}`, proof]))
  for (const { verdict, reason } of proofs) {
    if (reason === 'the role holds no such privilege') continue
    tally.verdicts[verdict] += 1
    if (verdict === 'unknown') {
      const short = reason.replaceAll(/[wtp]\d+\w*\.?\w*|"[^"]*"|\d+/g, '…').slice(0, 90)
      tally.reasons.set(short, (tally.reasons.get(short) ?? 0) + 1)
    }
  }
  const confirmed = new Set<ProofResult>()
  const found: Disagreement[] = []
  for (const entry of observed) {
    const { trial, outcome } = entry
    const { table, form, role, settings } = trial
    const isForeign = foreignness(world, settings, stored)
    const all = stored.get(table.name) ?? []
    const before = reachedRows(entry, all) ?? []
    const after =
      outcome.error === undefined && form !== 'delete' && form !== 'select' && isRows(outcome.seen)
        ? outcome.seen
        : []
    const row: Cells | undefined = [...before, ...after].find((each) => isForeign(table, each))
    const command = commandOf[form]
    for (const each of form === 'upsert' ? (['INSERT', 'UPDATE'] as const) : [command]) {
      const proof = cells.get(`${place.schema}.${table.name} ${each}`)
      if (proof?.verdict === 'proven') tally.attacks += 1
      if (row === undefined || proof === undefined) continue
      if (proof.verdict === 'refuted') confirmed.add(proof)
      if (proof.verdict !== 'proven') continue
      found.push({
        what: 'foreign row behind proven',
        world: world.seed,
        table: table.name,
        role,
        form,
        settings,
        row,
      })
    }
  }
  tally.confirmed += confirmed.size
  return found
}
