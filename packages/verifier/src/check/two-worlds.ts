import { WatertightError } from 'watertight/errors'
import { ProbeTransactionEnded } from '../attack/ended-transaction.js'
import { runTwoWorlds } from '../attack/two-world/run-two-worlds.js'
import type { WorldMaker } from '../attack/two-world/world-maker.js'
import type { Finding, StageCoverage } from '../findings/index.js'
import type { LintInput } from '../lint/rule.js'

/** What the two worlds found, and whether they could be made. */
export interface TwoWorldsAnswer {
  readonly findings: readonly Finding[]
  readonly stage: StageCoverage
}

/** Runs the two-world test; a server that lets no copies be made is said, and ends nothing else. */
export async function twoWorlds(maker: WorldMaker, input: LintInput): Promise<TwoWorldsAnswer> {
  const answer = (
    state: StageCoverage['state'],
    reason: string,
    findings: readonly Finding[] = [],
  ): TwoWorldsAnswer => ({ findings, stage: { stage: 'two-worlds', state, reason } })
  try {
    const { findings, differing, compared } = await runTwoWorlds(maker, input)
    return differing === 0 || compared === 0
      ? answer('impossible', 'no rows could be made that tell the worlds apart', findings)
      : answer('ran', '', findings)
  } catch (error) {
    const isReason = error instanceof WatertightError || error instanceof ProbeTransactionEnded
    if (isReason) return answer('impossible', error.message)
    throw error
  }
}
