import type { Command } from 'watertight/model'
import { compareVerdict } from '../findings/index.js'
import type { CoverageRow, Verdict } from '../findings/index.js'
import { fit, painter, printable, wrap } from './style.js'
import type { RenderOptions, Tone } from './style.js'

const letters: Readonly<Record<Command, string>> = {
  SELECT: 'S',
  INSERT: 'I',
  UPDATE: 'U',
  DELETE: 'D',
}
const commands: readonly Command[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
const symbols: Readonly<Record<Verdict, { unicode: string; ascii: string; tone: Tone }>> = {
  proven: { unicode: '✓', ascii: '+', tone: 'green' },
  leak: { unicode: '✗', ascii: '!', tone: 'red' },
  unknown: { unicode: '?', ascii: '?', tone: 'yellow' },
  'not-applicable': { unicode: '·', ascii: '.', tone: 'dim' },
}

/** `S✓ I✓ U✗ D?`. */
const wideCell = 11
/** `✓✓✗?`, for when not all roles fit otherwise. */
const narrowCell = 8
const gap = 2

/** So many objects without a leak or a gap are listed each; more are named together. */
const mostProvenRows = 12

interface ObjectRow {
  readonly object: string
  readonly worst: Verdict
  readonly cells: ReadonlyMap<string, Verdict>
}

/** The matrix object × role × command, worst first; roles that do not fit go into a further block. */
export function coverageTable(coverage: readonly CoverageRow[], options: RenderOptions): string[] {
  const roles = [...new Set(coverage.map((row) => row.role))]
  const rows = objectRows(coverage)
  const applicable = rows.filter((row) => row.worst !== 'not-applicable')
  const quiet = rows.length - applicable.length
  const proven = applicable.filter((row) => row.worst === 'proven')
  const isLong = proven.length > mostProvenRows
  const reached = isLong ? applicable.filter((row) => row.worst !== 'proven') : applicable
  const longest = Math.max(6, ...reached.map((row) => printable(row.object).length))
  const nameWidth = Math.max(16, Math.min(longest, options.width - wideCell - gap))
  const room = (width: number): number =>
    Math.max(1, Math.floor((options.width - nameWidth) / (width + gap)))
  const cellWidth = roles.length <= room(wideCell) ? wideCell : narrowCell
  const perBlock = room(cellWidth)
  const { heads, lines } = columnHeads(roles, cellWidth, options)
  for (let start = 0; start < roles.length && reached.length > 0; start += perBlock) {
    const block = roles.slice(start, start + perBlock)
    lines.push(...tableBlock(reached, block, { heads, nameWidth, cellWidth }, options), '')
  }
  if (isLong) lines.push(...provenLines(proven, options))
  if (quiet > 0) {
    lines.push(`${quiet} of ${rows.length} objects: no runtime role can reach a tenant's row`)
  }
  return [...lines, ...legend(options, cellWidth === narrowCell)]
}

/** The objects that need no second look, by name as far as a few lines go. */
function provenLines(rows: readonly ObjectRow[], options: RenderOptions): string[] {
  const mark = options.unicode ? '✓' : '+'
  const names = rows.map(({ object }) => printable(object)).toSorted()
  const text = `${mark} ${rows.length} more objects are proven in every cell that applies: ${names.join(', ')}`
  const lines = wrap(text, options.width, '')
  const most = 6
  if (lines.length > most) lines.splice(most, Infinity, '  and more; --format json names all')
  return [painter(options)('green', lines[0] ?? ''), ...lines.slice(1)]
}

interface ColumnHeads {
  /** What stands above a role's column, as wide as the column. */
  readonly heads: ReadonlyMap<string, string>
  /** What to read before the table. */
  readonly lines: string[]
}

/** Names without what all begin with; numbers where names are alike once they fit their columns. */
function columnHeads(
  roles: readonly string[],
  cellWidth: number,
  options: RenderOptions,
): ColumnHeads {
  const cut = commonPrefix(roles)
  const short = roles.map((role) => fit(printable(role.slice(cut)), cellWidth, options))
  if (new Set(short).size === roles.length) {
    const rest = options.unicode ? '…' : '...'
    return {
      heads: new Map(roles.map((role, index) => [role, short[index] ?? ''])),
      lines: cut > 0 ? [`roles are named ${printable((roles[0] ?? '').slice(0, cut))}${rest}`] : [],
    }
  }
  const numbered = roles.map((role, index) => `${index + 1} is ${printable(role)}`)
  return {
    heads: new Map(roles.map((role, index) => [role, fit(`${index + 1}`, cellWidth, options)])),
    lines: wrap(`roles: ${numbered.join(', ')}`, options.width, ''),
  }
}

/** Length of what all role names begin with, up to an underscore: it would fill the columns. */
function commonPrefix(roles: readonly string[]): number {
  const [first = ''] = roles
  if (roles.length < 2) return 0
  let length = 0
  while (length < first.length && roles.every((role) => role[length] === first[length])) length += 1
  return first.lastIndexOf('_', length - 1) + 1
}

function objectRows(coverage: readonly CoverageRow[]): ObjectRow[] {
  const byObject = new Map<string, Map<string, Verdict>>()
  for (const row of coverage) {
    const cells = byObject.get(row.object) ?? new Map<string, Verdict>()
    cells.set(`${row.role} ${row.command}`, row.verdict)
    byObject.set(row.object, cells)
  }
  return [...byObject]
    .map(([object, cells]) => ({ object, cells, worst: worstOf([...cells.values()]) }))
    .toSorted((a, b) => compareVerdict(a.worst, b.worst) || (a.object < b.object ? -1 : 1))
}

function worstOf(verdicts: readonly Verdict[]): Verdict {
  return verdicts.toSorted(compareVerdict)[0] ?? 'not-applicable'
}

interface Layout {
  readonly heads: ColumnHeads['heads']
  readonly nameWidth: number
  readonly cellWidth: number
}

function tableBlock(
  rows: readonly ObjectRow[],
  roles: readonly string[],
  { heads, nameWidth, cellWidth }: Layout,
  options: RenderOptions,
): string[] {
  const paint = painter(options)
  const space = ' '.repeat(gap)
  const head = roles.map((role) => heads.get(role) ?? '').join(space)
  const lines = rows.map((row) => {
    const name = fit(printable(row.object), nameWidth, options)
    const separator = cellWidth === narrowCell ? '' : ' '
    const pad = ' '.repeat(cellWidth === narrowCell ? narrowCell - commands.length : 0)
    const cells = roles.map(
      (role) => commands.map((command) => cell(row, role, command)).join(separator) + pad,
    )
    return (name + space + cells.join(space)).trimEnd()
  })
  return [paint('bold', fit('object', nameWidth, options) + space + head), ...lines]

  function cell(row: ObjectRow, role: string, command: Command): string {
    const verdict = row.cells.get(`${role} ${command}`)
    const letter = cellWidth === narrowCell ? '' : letters[command]
    if (verdict === undefined) return ' '.repeat(letter.length + 1)
    const { unicode, ascii, tone } = symbols[verdict]
    return paint(tone, letter + (options.unicode ? unicode : ascii))
  }
}

function legend(options: RenderOptions, isNarrow: boolean): string[] {
  const marks = Object.entries(symbols).map(
    ([verdict, { unicode, ascii }]) => `${options.unicode ? unicode : ascii} ${verdict}`,
  )
  const words = isNarrow
    ? [`each cell is ${commands.join(' ')}`]
    : commands.map((command) => `${letters[command]} ${command}`)
  const paint = painter(options)
  return wrap([...words, ...marks].join(', '), options.width, '').map((line) => paint('dim', line))
}
