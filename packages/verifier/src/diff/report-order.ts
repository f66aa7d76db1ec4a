import type { DiffCell, DiffFact, DiffResult, DiffVerdict } from './diff-result.js'

const order: readonly DiffVerdict[] = ['wider', 'both', 'unknown', 'narrower', 'same']

/** Cells worst first; commands of one relation and role that say the same are one group. */
export function byImportance(cells: readonly DiffCell[]): readonly (readonly DiffCell[])[] {
  const groups = new Map<string, DiffCell[]>()
  for (const cell of cells) {
    const { object, role, verdict, reason, wider, narrower } = cell
    const example = [wider?.rows.length === 1 && wider.rows, wider?.settings, narrower?.settings]
    const key = JSON.stringify([
      object,
      role,
      verdict,
      reason,
      example,
      isAlone(cell) && cell.command,
    ])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [cell])
    else group.push(cell)
  }
  return [...groups.values()].toSorted(
    ([a], [b]) => order.indexOf(a?.verdict ?? 'same') - order.indexOf(b?.verdict ?? 'same'),
  )
}

/** Examples of writes have rows of their own. */
function isAlone({ command, wider, narrower }: DiffCell): boolean {
  return (command === 'UPDATE' || command === 'INSERT') && (wider ?? narrower) !== null
}

/** Facts worth telling beside the cells: those that do something, then how many others there are. */
export function tellFacts({ facts }: DiffResult): readonly DiffFact[] {
  const rank = { widens: 0, unknown: 1, narrows: 2, neutral: 3 } as const
  const sorted = facts.toSorted((a, b) => rank[a.effect] - rank[b.effect])
  return sorted.slice(0, 40)
}

/** Something is, or may be, wider. */
export function openFacts({ summary }: DiffResult): boolean {
  return summary.wider + summary.both + summary.unknown + summary.widening > 0
}

/** The count, and the next command. */
export function lastLine(result: DiffResult): string {
  const { summary, cells } = result
  const counts = [
    `${summary.wider} wider`,
    `${summary.both} both ways`,
    `${summary.narrower} narrower`,
    `${summary.unknown} unknown`,
    `${summary.same} of ${cells.length} the same`,
  ].join(', ')
  const beside = summary.widening > 0 ? `; ${summary.widening} more beside the policies` : ''
  if (summary.wider + summary.both > 0) return `B allows more: ${counts}${beside}`
  if (summary.unknown > 0) return `not decided: ${counts}${beside}; next: --format json for details`
  if (summary.widening > 0) return `policies allow no more: ${counts}${beside}`
  if (summary.narrower > 0) return `B allows less: ${counts}`
  return `no difference: ${counts}`
}
