import { objectName } from '../graph/object-name.js'
import type { Encoding } from './encode/encoding.js'
import type { SqlType, Value } from './encode/value.js'
import type { Obligation } from './obligation.js'
import type { Counterexample } from './proof-result.js'
import { firstText } from './terms/print-problem.js'
import type { Problem } from './terms/print-problem.js'
import type { Term } from './terms/term.js'

type Read = (term: Term) => string | undefined

/** Translates a model of the solver into settings and rows. */
export function counterexampleOf(
  encoding: Encoding,
  { table, actor, command }: Obligation,
  problem: Problem,
  values: Readonly<Record<string, string>>,
): Counterexample {
  const read: Read = (term) => {
    if (term.kind === 'truth') return String(term.value)
    if (term.kind === 'text') return String(firstText + problem.texts.indexOf(term.value))
    if (term.kind === 'number') return term.digits
    const index = term.kind === 'const' ? problem.constants.indexOf(term.id) : -1
    return index < 0 ? undefined : values[`c${index}`]
  }
  const settings: Record<string, string | null> = {}
  for (const [key, value] of encoding.known) {
    const name = /^setting (.+)$/.exec(key)?.[1]
    if (name === undefined) continue
    const text = shown(value, read, problem)
    settings[name] = text === undefined ? '' : text
  }
  const rows = encoding.rows.flatMap((row) => {
    const cells: Record<string, string | null> = {}
    for (const [name, value] of row.values) {
      const cell = shown(value, read, problem)
      if (cell !== undefined) cells[name] = cell
    }
    return [{ relation: objectName(row.relation), label: row.label, values: cells }]
  })
  return { relation: table.name, role: actor, command, settings, rows }
}

/** Undefined for a value that the solver left open. */
function shown(value: Value, read: Read, problem: Problem): string | null | undefined {
  if (read(value.isNull) === 'true') return null
  const found = read(value.term)
  if (found === undefined) return undefined
  if (value.type === 'bool') return found
  const digits = /^\(- (\d+)\)$/.exec(found)
  return concrete(value.type, BigInt(digits === null ? found : `-${digits[1]}`), problem)
}

/** The solver's numbers are the texts they stand for, or texts of their own. */
function concrete(type: SqlType, code: bigint, problem: Problem): string {
  const text = problem.texts[Number(code - BigInt(firstText))]
  if (type === 'int' || type.startsWith('time:')) return code.toString()
  if (text !== undefined) return text
  const ordinal = BigInt.asUintN(48, code).toString(16).padStart(12, '0')
  return type === 'uuid' ? `00000000-0000-4000-8000-${ordinal}` : `v${ordinal.replace(/^0+/, '')}`
}
