import type { ItemOf } from '../../lists/use-list.js'

/** A cell of a run, as the API has it. */
export type Cell = ItemOf<'/api/v1/isolation/runs/{runId}/cells'>

/** What a cell says. */
export type Verdict = Cell['verdict']

/** Commands in the order of the columns. */
export const commands = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const

/** A column of the matrix: a mode and a command. */
export interface MatrixColumn {
  readonly mode: string
  readonly command: (typeof commands)[number]
}

/** A table with its cells by column; several roles can act in one mode. */
export interface MatrixRow {
  readonly object: string
  readonly cells: ReadonlyMap<string, readonly Cell[]>
}

const modeOrder = ['member', 'public', 'auditor', 'worker', 'platform', 'no mode']

/** The name of a column among the cells of a row. */
export function columnKey({ mode, command }: MatrixColumn): string {
  return `${mode} ${command}`
}

/** Cells of a run as a matrix of tables by modes and commands, in the order of the server. */
export function toMatrix(cells: readonly Cell[]): {
  readonly modes: readonly string[]
  readonly rows: readonly MatrixRow[]
} {
  const modes = new Set<string>()
  const rows = new Map<string, Map<string, Cell[]>>()
  for (const cell of cells) {
    const mode = cell.mode ?? 'no mode'
    modes.add(mode)
    const row = rows.get(cell.object) ?? new Map<string, Cell[]>()
    rows.set(cell.object, row)
    const key = columnKey({ mode, command: cell.command })
    row.set(key, [...(row.get(key) ?? []), cell])
  }
  return {
    modes: [...modes].sort((a, b) => modeOrder.indexOf(a) - modeOrder.indexOf(b)),
    rows: [...rows].map(([object, byColumn]) => ({ object, cells: byColumn })),
  }
}

const severity: readonly Verdict[] = ['leak', 'unknown', 'proven', 'not-applicable']

/** The cell that a square stands for: the worst of its roles. */
export function worstOf(cells: readonly Cell[]): Cell | undefined {
  return cells.toSorted((a, b) => severity.indexOf(a.verdict) - severity.indexOf(b.verdict))[0]
}
