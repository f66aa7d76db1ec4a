import type { Tally } from './tally.js'

/** What a run did, as lines for people. */
export function summary(tally: Tally, seconds: number): readonly string[] {
  const { verdicts, milliseconds, reasons } = tally
  const parts = [...milliseconds].map(([part, time]) => `${part} ${(time / 1000).toFixed(1)} s`)
  const often = [...reasons].toSorted(([, a], [, b]) => b - a).slice(0, 5)
  return [
    `${tally.compared} rows in contexts compared in ${seconds.toFixed(0)} s, ${tally.worlds} schemas, ${tally.policySets} policy sets (${tally.refused} statements refused)`,
    `${tally.shown} reached on the server, ${tally.exact} held to be equal in both directions, ${tally.blocked} without a claim, ${tally.failed} failed on the server`,
    `cells: ${verdicts.proven} proven, ${verdicts.refuted} refuted, ${verdicts.unknown} unknown; ${tally.attacks} statements against proven cells, ${tally.confirmed} refuted cells reached by chance`,
    `time: ${parts.join(', ')}`,
    ...often.map(([reason, count]) => `unknown ${count} times: ${reason}`),
  ]
}
