import { compareVerdict } from '../../findings/index.js'
import type { CheckResult, CoverageRow, Verdict } from '../../findings/index.js'
import { code, element, join, paragraph, table, text } from './elements.js'
import type { Cell, Section } from './elements.js'

const letters: Readonly<Record<CoverageRow['command'], string>> = {
  SELECT: 'S',
  INSERT: 'I',
  UPDATE: 'U',
  DELETE: 'D',
}
const symbols: Readonly<Record<Verdict, string>> = {
  proven: '✓',
  leak: '✗',
  unknown: '?',
  'not-applicable': '·',
}

/** Object × role × command; symbol and letter, never colour alone. */
export function coverageSection({ coverage }: CheckResult): Section {
  const roles = [...new Set(coverage.map(({ role }) => role))]
  const byObject = new Map<string, CoverageRow[]>()
  for (const row of coverage) {
    const rows = byObject.get(row.object)
    if (rows === undefined) byObject.set(row.object, [row])
    else rows.push(row)
  }
  const reached = [...byObject].filter(([, rows]) =>
    rows.some(({ verdict }) => verdict !== 'not-applicable'),
  )
  const quiet = byObject.size - reached.length
  const ordered = reached.toSorted(
    ([a, left], [b, right]) => compareVerdict(worst(left), worst(right)) || (a < b ? -1 : 1),
  )
  const body = join(
    paragraph(
      'S SELECT, I INSERT, U UPDATE, D DELETE; ✓ proven, ✗ leak, ? unknown, · does not apply. Worst first.',
    ),
    coverage.length === 0
      ? element('p', { class: 'unknown' }, text('No object was covered: nothing is proven.'))
      : table(
          'Verdict per object, role and command',
          ['object', 'kind', ...roles],
          ordered.map(([object, rows]): readonly Cell[] => [
            code(object),
            text(rows[0]?.kind ?? ''),
            ...roles.map((role) => cells(rows.filter((row) => row.role === role))),
          ]),
        ),
    quiet === 0
      ? text('')
      : paragraph(
          `${quiet} of ${byObject.size} objects are out of reach: no runtime role can reach a tenant’s row in them.`,
        ),
  )
  return { id: 'coverage', title: `Coverage (${byObject.size} objects)`, body }
}

function worst(rows: readonly CoverageRow[]): Verdict {
  return rows.map(({ verdict }) => verdict).toSorted(compareVerdict)[0] ?? 'not-applicable'
}

function cells(rows: readonly CoverageRow[]): Cell {
  const ordered = (['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const).flatMap((command) =>
    rows.filter((row) => row.command === command),
  )
  const content = ordered.map(({ command, verdict }) =>
    element(
      'span',
      { class: verdict, title: `${command} ${verdict}` },
      text(letters[command] + symbols[verdict]),
    ),
  )
  return { class: 'cells', content: join(...content) }
}
