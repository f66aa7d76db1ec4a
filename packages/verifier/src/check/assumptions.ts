import type { Assumption, CoverageRow } from '../findings/index.js'

/** What the proven cells rest on, each once, with the most used first. */
export function assumptionsOf(coverage: readonly CoverageRow[]): readonly Assumption[] {
  const cells = new Map<string, number>()
  for (const { verdict, assumptions } of coverage) {
    if (verdict !== 'proven') continue
    for (const text of new Set(assumptions)) cells.set(text, (cells.get(text) ?? 0) + 1)
  }
  return [...cells]
    .map(([text, count]) => ({ text, cells: count }))
    .toSorted((a, b) => b.cells - a.cells || (a.text < b.text ? -1 : 1))
}
