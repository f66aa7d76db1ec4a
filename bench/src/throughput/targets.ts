import type { BenchReport } from './report-shape.js'

export interface Target {
  readonly name: string
  readonly wanted: string
  readonly median: number | null
  readonly isMet: boolean | null
}

/** What the project promises, and whether this run shows it. */
export function targetsOf({ ratios, orms }: BenchReport): readonly Target[] {
  const least = (name: string, least: number, median: number | undefined): Target => ({
    name,
    wanted: `>= ${least}`,
    median: isMeasured(median) ? median : null,
    isMet: isMeasured(median) ? median >= least : null,
  })
  return [
    least('one-shot read / raw WHERE', 0.95, ratios.oneShotVsRaw.median),
    least('one-shot read / raw WHERE, both prepared', 0.95, ratios.oneShotVsRawPrepared.median),
    least(
      'one-shot read / raw WHERE, neither prepared',
      0.95,
      ratios.oneShotVsRawUnprepared?.median,
    ),
    least('server alone, signed / unscoped', 0.8, ratios.serverSide?.median),
    least('signed / plain, primary-key read', 0.9, ratios.signedVsPlain.median),
    least('signed / plain, list of ten', 0.97, ratios.signedVsPlainList10.median),
    least(
      'server alone, signed / plain, primary-key read',
      0.9,
      ratios.signedVsPlainServer?.median,
    ),
    least(
      'server alone, signed / plain, list of ten',
      0.97,
      ratios.signedVsPlainServerList10?.median,
    ),
    ...Object.entries(ratios.vsPeers).map(([name, { median }]) =>
      least(`one-shot read / ${name}`, 3, median),
    ),
    ...Object.entries(orms).map(([name, { median }]) => ({
      name: `${name} with tenancy / without, time`,
      wanted: '<= 1.1',
      median: isMeasured(median) ? median : null,
      isMet: isMeasured(median) ? median <= 1.1 : null,
    })),
  ]
}

/** A ratio of nothing to nothing is that of a workload that was left out. */
function isMeasured(median: number | undefined): median is number {
  return median !== undefined && !Number.isNaN(median)
}
