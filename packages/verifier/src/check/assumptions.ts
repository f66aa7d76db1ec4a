import type { Assumption, CoverageRow } from '../findings/index.js'

/**
 * What the proven cells rest on, each once, with the most used first, and what is answered across
 * tenants by declaration, whether or not a cell speaks of it.
 */
export function assumptionsOf(
  coverage: readonly CoverageRow[],
  disclosed: readonly string[] = [],
): readonly Assumption[] {
  const cells = new Map(disclosed.map((text) => [text, 0]))
  for (const { verdict, assumptions } of coverage) {
    if (verdict !== 'proven') continue
    for (const text of new Set(assumptions)) cells.set(text, (cells.get(text) ?? 0) + 1)
  }
  return [...cells]
    .map(([text, count]) => ({ text, cells: count }))
    .toSorted((a, b) => b.cells - a.cells || (a.text < b.text ? -1 : 1))
}
