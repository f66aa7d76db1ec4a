import type { CheckResult, CoverageRow } from '../../findings/index.js'
import { count } from '../headline.js'
import { unknownReasons } from '../report-entries.js'
import { code, element, folded, join, paragraph, table, text } from './elements.js'
import type { Cell, Markup, Section } from './elements.js'
import { list } from './run-sections.js'

const makers: Readonly<Record<CoverageRow['by'], string>> = {
  prove: 'a proof over all policies',
  lint: 'exhaustive facts of the catalog',
  attack: 'live probes',
}

/** What was proven, by what, and on which assumptions it rests. */
export function provenSection({ coverage }: CheckResult): Section {
  const groups = new Map<string, CoverageRow[]>()
  for (const row of coverage) {
    if (row.verdict !== 'proven') continue
    const key = JSON.stringify([row.by, row.reason, row.assumptions])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  const body = [...groups.values()].map((rows): Markup => {
    const [first] = rows
    if (first === undefined) return text('')
    return join(
      element('h3', {}, text(`${count(rows.length, 'cell')} by ${makers[first.by]}`)),
      paragraph(first.reason),
      first.assumptions.length === 0
        ? paragraph('Without assumptions.')
        : join(
            paragraph('Under these assumptions:'),
            element(
              'ul',
              {},
              first.assumptions.map((each) => element('li', {}, text(each))),
            ),
          ),
      folded(count(rows.length, 'cell'), cellTable(rows)),
    )
  })
  return {
    id: 'proven',
    title: 'What was proven',
    body: body.length === 0 ? paragraph('Nothing was proven.') : join(...body),
  }
}

/** What was not proven, and why. */
export function unprovenSection({ coverage }: CheckResult): Section {
  const reasons = unknownReasons(coverage)
  const body =
    reasons.length === 0
      ? paragraph('Every cell that applies has an answer.')
      : join(
          ...reasons.map(({ reason, rows }) =>
            folded(`${count(rows.length, 'cell')}: ${reason}`, cellTable(rows)),
          ),
        )
  return { id: 'unproven', title: 'What was not proven', body }
}

/** Cells by object and role, their commands together. */
function cellTable(rows: readonly CoverageRow[]): Markup {
  const lines = new Map<string, { object: string; role: string; commands: string[] }>()
  for (const { object, role, command } of rows) {
    const key = JSON.stringify([object, role])
    const line = lines.get(key) ?? { object, role, commands: [] }
    line.commands.push(command)
    lines.set(key, line)
  }
  return table(
    'Cells',
    ['object', 'role', 'commands'],
    [...lines.values()].map(({ object, role, commands }): readonly Cell[] => [
      code(object),
      code(role),
      list([commands.join(', ')]),
    ]),
  )
}
