import type { AttackReport } from '../attack/run-attacks.js'
import { notTried } from '../attack/not-tried.js'
import type { StageCoverage } from '../findings/index.js'

/** Which parts of the verifier ran, and why the others did not. */
export function stagesOf(
  options: { readonly live: boolean; readonly prove?: boolean },
  attacks: AttackReport | null,
): StageCoverage[] {
  const skipped = (reason: string): Omit<StageCoverage, 'stage'> => ({ state: 'skipped', reason })
  const ran = { state: 'ran', reason: '' } as const
  return [
    { stage: 'lint', ...ran },
    { stage: 'prove', ...(options.prove === false ? skipped('proofs were not asked for') : ran) },
    { stage: 'attack', ...attackStage() },
  ]

  function attackStage(): Omit<StageCoverage, 'stage'> {
    if (!options.live) return skipped('live probes were not asked for')
    const reason = attacks?.skipped ?? null
    if (reason !== null) return { state: 'impossible', reason }
    return { state: 'ran', reason: notTried(attacks?.results ?? []) }
  }
}
