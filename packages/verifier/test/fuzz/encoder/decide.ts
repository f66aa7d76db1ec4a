import type { Encoding } from '../../../src/prove/encode/encoding.js'
import type { Row } from '../../../src/prove/encode/row-shape.js'
import type { Value } from '../../../src/prove/encode/value.js'
import type { Term } from '../../../src/prove/terms/term.js'
import type { Cell, Cells } from '../world.js'
import { evaluator } from './evaluate.js'
import type { Constant, Evaluator } from './evaluate.js'
import { documentText } from './functions.js'
import type { Concrete } from './functions.js'

/**
 * `may`: with the right choice of what the encoder leaves to choose. `open`: it depends on a part
 * that the encoder leaves free.
 */
export type Decision = 'yes' | 'may' | 'no' | 'open'

/** What is in the tables, by name. */
export type Stored = ReadonlyMap<string, readonly Cells[]>

export interface Situation {
  /** One object for everything that is tried in one context. */
  readonly session: object
  /** Values of settings, by name in lower case; null for one that was never set. */
  readonly settings: Readonly<Record<string, Cell>>
  readonly sessionUser: string
  readonly stored: Stored
  readonly labels: ReadonlyMap<string, readonly string[]>
}

/** What a session makes known of an encoding, so that every row begins from there. */
export interface Session {
  readonly assigned: ReadonlyMap<number, Concrete>
  readonly evaluate: Evaluator
  /** Terms that the session alone does not decide; undefined when it refutes one. */
  readonly pending: readonly Term[] | undefined
}

/** Evaluates what depends on the session alone. */
export function sessionOf(
  encoding: Encoding,
  terms: readonly Term[],
  { settings, sessionUser, labels }: Situation,
): Session {
  const assigned = new Map<number, Concrete>()
  for (const [key, value] of encoding.known) {
    const name = /^setting (.+)$/.exec(key)?.[1]
    if (name !== undefined) assign(assigned, value, settings[name] ?? null)
    if (key === 'session_user') assign(assigned, value, sessionUser)
  }
  const evaluate = evaluator(assigned, labels)
  const judged = terms.map((term) => ({ term, value: evaluate.judge(term).value }))
  const isRefuted = judged.some(({ value }) => value === false)
  const pending = judged.filter(({ value }) => value === undefined).map(({ term }) => term)
  return { assigned, evaluate, pending: isRefuted ? undefined : pending }
}

/** The rows that own constants, but for those whose values are given. */
export function ownersIn(encoding: Encoding, given: Row): ReadonlyMap<number, Row> {
  const owners = new Map<number, Row>()
  for (const row of encoding.rows) {
    if (row === given) continue
    for (const { term, isNull } of row.values.values()) {
      for (const part of [term, isNull]) if (part.kind === 'const') owners.set(part.id, row)
    }
  }
  return owners
}

/**
 * Whether what the encoder says can hold: there are stored rows for the rows it speaks of and values
 * for what it leaves open. The same question that a solver answers, over what is in the tables.
 */
export function canHold(
  session: Session,
  owners: ReadonlyMap<number, Row>,
  row: Row,
  cells: Cells,
  situation: Situation,
): Decision {
  if (session.pending === undefined) return 'no'
  const assigned = new Map(session.assigned)
  assignRow(assigned, row, cells)
  const at = { situation, owners, budget: { left: 500 } }
  return search(at, session.pending, assigned, session.evaluate)
}

interface Search {
  readonly situation: Situation
  readonly owners: ReadonlyMap<number, Row>
  readonly budget: { left: number }
}

function search(
  at: Search,
  terms: readonly Term[],
  assigned: ReadonlyMap<number, Concrete>,
  before?: Evaluator,
): Decision {
  at.budget.left -= 1
  if (at.budget.left < 0) return 'open'
  const evaluate = evaluator(assigned, at.situation.labels, before)
  const pending: Term[] = []
  let open: Constant | null = null
  for (const term of terms) {
    const judged = evaluate.judge(term)
    if (judged.value === false) return 'no'
    if (judged.value === true) continue
    pending.push(term)
    open ??= judged.open
  }
  if (pending.length === 0) return 'yes'
  if (open === null) return 'open'
  const choices = choicesFor(at, open, assigned)
  if (choices === undefined) return 'open'
  let best: Decision = 'no'
  for (const choice of choices) {
    const found = search(at, pending, choice, evaluate)
    if (found === 'yes' || found === 'may') return 'may'
    if (found === 'open') best = 'open'
  }
  return best
}

/** Ways to go on: the stored rows for a row's value, both truths for a truth. */
function choicesFor(
  { situation, owners }: Search,
  { id, sort }: Constant,
  assigned: ReadonlyMap<number, Concrete>,
): readonly ReadonlyMap<number, Concrete>[] | undefined {
  const row = owners.get(id)
  if (row !== undefined) {
    const stored = situation.stored.get(row.relation.name)
    if (stored === undefined) return undefined
    const cells = row.loose ? [...stored, {}] : stored
    return cells.map((each) => {
      const next = new Map(assigned)
      assignRow(next, row, each)
      return next
    })
  }
  if (sort !== 'bool') return undefined
  return [true, false].map((value) => new Map([...assigned, [id, value]]))
}

function assignRow(assigned: Map<number, Concrete>, row: Row, cells: Cells): void {
  for (const [name, value] of row.values) assign(assigned, value, cells[name] ?? null)
}

function assign(assigned: Map<number, Concrete>, value: Value, cell: Cell): void {
  if (value.isNull.kind === 'const') assigned.set(value.isNull.id, cell === null)
  if (value.term.kind !== 'const') return
  assigned.set(value.term.id, concrete(value, cell))
}

function concrete({ type }: Value, cell: Cell): Concrete {
  switch (type) {
    case 'bool':
      return cell === 'true' || cell === 't'
    case 'int':
      return BigInt(cell ?? '0')
    case 'json':
      return documentText(cell ?? 'null')
    case 'uuid':
      // What is NULL still has the shape of its type: facts speak of it.
      return cell ?? '00000000-0000-0000-0000-000000000000'
    default:
      return cell ?? ''
  }
}
