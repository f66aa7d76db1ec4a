import type { Relation } from 'watertight/catalog'
import type { Encoding } from './encode/encoding.js'
import { passes } from './encode/policies.js'
import { columnOf, makeRow } from './encode/row.js'
import type { Row } from './encode/row-shape.js'
import { same } from './encode/value.js'
import type { Obligation } from './obligation.js'
import { and, truth } from './terms/term.js'
import type { Term } from './terms/term.js'

/** A row that a command reads, changes or stores, and when it does. */
export interface ReachedRow {
  readonly row: Row
  readonly reached: Term
}

/**
 * Every row that one command can be about. The SELECT policies are left out of UPDATE and DELETE: one
 * without WHERE and RETURNING does not meet them (manual, CREATE POLICY).
 */
export function reachedRows(encoding: Encoding, obligation: Obligation): readonly ReachedRow[] {
  const { table, actor, command } = obligation
  if (command === 'INSERT') {
    const row = makeRow(encoding, table.relation, 'new row', { stored: false })
    return [{ row, reached: passes(encoding, row, actor, 'INSERT', 'check') }]
  }
  const isUpdate = command === 'UPDATE'
  const row = makeRow(encoding, table.relation, isUpdate ? 'old row' : 'row')
  const next = isUpdate && makeRow(encoding, table.relation, 'new row', { stored: false })
  const reached = passes(encoding, row, actor, command, 'using')
  if (next === false) return [{ row, reached }]
  const stored = passes(encoding, next, actor, 'UPDATE', 'check')
  const assignable = new Set(encoding.subject.access.columns(actor, 'UPDATE', table.relation))
  const kept = unchanged(encoding, table.relation, assignable, row, next)
  // The old row is reached before the new one is made, so each must hold on its own.
  return [
    { row, reached },
    { row: next, reached: and(reached, stored, kept) },
  ]
}

/** Columns that the role may not assign keep their values, unless a trigger changes them. */
export function unchanged(
  encoding: Encoding,
  relation: Relation,
  assignable: ReadonlySet<string>,
  old: Row,
  next: Row,
): Term {
  if (hasBeforeTrigger(relation)) return truth
  return and(
    ...relation.columns
      .filter(
        ({ name, generated, identity }) =>
          !assignable.has(name) && generated === null && identity === null,
      )
      .map(({ name }) => {
        const [before, after] = [columnOf(encoding, old, name), columnOf(encoding, next, name)]
        return before === undefined || after === undefined ? truth : same(before, after)
      }),
  )
}

function hasBeforeTrigger(relation: Relation): boolean {
  return relation.triggers.some(({ definition }) => / BEFORE /i.test(definition))
}
