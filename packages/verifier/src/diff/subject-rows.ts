import type { Relation } from 'watertight/catalog'
import type { Command } from 'watertight/model'
import type { Encoding, Subject } from '../prove/encode/encoding.js'
import { isExempt, passes } from '../prove/encode/policies.js'
import { columnOf, makeRow } from '../prove/encode/row.js'
import type { Row } from '../prove/encode/row-shape.js'
import { same } from '../prove/encode/value.js'
import { and, falsity, truth } from '../prove/terms/term.js'
import type { Term } from '../prove/terms/term.js'
import type { Pair, Side } from './paired-encoding.js'

/** The rows that a command is about, on both sides: the same values where both have the column. */
export interface SubjectRows {
  readonly before: Readonly<Record<string, Row>>
  readonly after: Readonly<Record<string, Row>>
  /** That they are the same rows; call it when both sides are encoded. */
  facts(): readonly Term[]
}

/** What is compared: a relation as each side has it; null where it has none. */
export interface ComparedRelation {
  readonly before: Relation | null
  readonly after: Relation | null
}

/** The rows that a command reads or stores. */
export function subjectRows(
  pair: Pair,
  { before, after }: ComparedRelation,
  command: Command,
): SubjectRows {
  const labels = command === 'UPDATE' ? ['old row', 'new row'] : [labelOf(command)]
  const left: Record<string, Row> = {}
  const right: Record<string, Row> = {}
  for (const label of labels) {
    const stored = label !== 'new row'
    const own = before ?? after
    const other = after ?? before
    if (own === null || other === null) continue
    const first = makeRow(pair.before, own, label, { stored })
    const second = makeRow(pair.after, other, label, { stored })
    pair.identify(label, first, second)
    left[label] = first
    right[label] = second
  }
  return {
    before: left,
    after: right,
    facts: () =>
      labels.flatMap((label) => {
        const [first, second] = [left[label], right[label]]
        return first === undefined || second === undefined ? [] : sameRow(pair, first, second)
      }),
  }
}

function labelOf(command: Command): string {
  return command === 'INSERT' ? 'new row' : 'row'
}

function sameRow(pair: Pair, first: Row, second: Row): readonly Term[] {
  const names = new Set([...first.values.keys(), ...second.values.keys()])
  return [...names].flatMap((name) => {
    const [a, b] = [columnOf(pair.before, first, name), columnOf(pair.after, second, name)]
    return a === undefined || b === undefined || a.type !== b.type ? [] : [same(a, b)]
  })
}

/** What must hold for the command to reach and store its rows on one side. */
export function allowed(
  pair: Pair,
  side: Side,
  relation: Relation | null,
  rows: Readonly<Record<string, Row>>,
  role: string,
  command: Command,
): Term {
  const encoding: Encoding = pair[side]
  const { subject } = encoding
  if (relation === null || !subject.catalog.roles.some(({ name }) => name === role)) return falsity
  if (!subject.access.can(role, command, relation)) return falsity
  if (!isGated(subject, role, relation)) return truth
  const test = (label: string, condition: 'using' | 'check'): Term => {
    const row = rows[label]
    return row === undefined ? falsity : passes(encoding, row, role, command, condition)
  }
  switch (command) {
    case 'SELECT':
    case 'DELETE':
      return test('row', 'using')
    case 'INSERT':
      return test('new row', 'check')
    case 'UPDATE':
      return and(test('old row', 'using'), test('new row', 'check'))
  }
}

/** Policies decide what the role reaches. */
export function isGated(subject: Subject, role: string, relation: Relation): boolean {
  return relation.rls.enabled && !isExempt(subject, role, relation)
}

/** No setting was ever made: the simplest context of an example. */
export function withoutContext({ shared }: Pair): readonly Term[] {
  return [...shared].flatMap(([key, value]) => (key.startsWith('setting ') ? [value.isNull] : []))
}
