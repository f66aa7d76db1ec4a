import type { Command } from 'watertight/model'
import { compareVerdict } from '../findings/index.js'
import type { CoverageRow, Verdict } from '../findings/index.js'
import { fit, painter, printable } from './style.js'
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

const cellWidth = 11
const gap = 2

interface ObjectRow {
  readonly object: string
  readonly worst: Verdict
  readonly cells: ReadonlyMap<string, Verdict>
}

/** The matrix object × role × command, worst first; roles that do not fit go into a further block. */
export function coverageTable(coverage: readonly CoverageRow[], options: RenderOptions): string[] {
  const roles = [...new Set(coverage.map((row) => row.role))]
  const rows = objectRows(coverage)
  const reached = rows.filter((row) => row.worst !== 'not-applicable')
  const quiet = rows.length - reached.length
  const longest = Math.max(6, ...reached.map((row) => printable(row.object).length))
  const nameWidth = Math.max(16, Math.min(longest, options.width - cellWidth - gap))
  const perBlock = Math.max(1, Math.floor((options.width - nameWidth) / (cellWidth + gap)))
  const cut = commonPrefix(roles)
  const lines: string[] = []
  if (cut > 0)
    lines.push(
      `roles are named ${printable((roles[0] ?? '').slice(0, cut))}${options.unicode ? '…' : '...'}`,
    )
  for (let start = 0; start < roles.length && reached.length > 0; start += perBlock) {
    const block = roles.slice(start, start + perBlock)
    lines.push(...tableBlock(reached, block, cut, nameWidth, options), '')
  }
  if (quiet > 0) {
    lines.push(`${quiet} of ${rows.length} objects: no runtime role can reach a tenant's row`)
  }
  return [...lines, legend(options)]
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

function tableBlock(
  rows: readonly ObjectRow[],
  roles: readonly string[],
  cut: number,
  nameWidth: number,
  options: RenderOptions,
): string[] {
  const paint = painter(options)
  const space = ' '.repeat(gap)
  const head = roles.map((role) => fit(printable(role.slice(cut)), cellWidth, options)).join(space)
  const lines = rows.map((row) => {
    const name = fit(printable(row.object), nameWidth, options)
    const cells = roles.map((role) => commands.map((command) => cell(row, role, command)).join(' '))
    return name + space + cells.join(space)
  })
  return [paint('bold', fit('object', nameWidth, options) + space + head), ...lines]

  function cell(row: ObjectRow, role: string, command: Command): string {
    const verdict = row.cells.get(`${role} ${command}`)
    if (verdict === undefined) return '  '
    const { unicode, ascii, tone } = symbols[verdict]
    return paint(tone, letters[command] + (options.unicode ? unicode : ascii))
  }
}

function legend(options: RenderOptions): string {
  const marks = Object.entries(symbols).map(
    ([verdict, { unicode, ascii }]) => `${options.unicode ? unicode : ascii} ${verdict}`,
  )
  const words = commands.map((command) => `${letters[command]} ${command}`)
  return painter(options)('dim', [...words, ...marks].join('  '))
}
