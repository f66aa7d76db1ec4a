import type { Relation } from 'watertight/catalog'
import { passes } from '../encode/policies.js'
import type { Encoding } from '../encode/encoding.js'
import { columnOf, makeRow } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import { same } from '../encode/value.js'
import type { Obligation, Property } from '../obligation.js'
import { and, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { isForeign } from './foreign-row.js'

/**
 * UPDATE neither reaches a foreign row nor moves an own row to another tenant. The SELECT policies
 * are left out: an UPDATE without WHERE and RETURNING does not meet them (manual, CREATE POLICY).
 */
export const rowHop: Property = {
  id: 'row-hop',
  appliesTo: ({ command }) => command === 'UPDATE',
  violation(encoding, obligation) {
    const { relation } = obligation.table
    const old = makeRow(encoding, relation, 'old row')
    const next = makeRow(encoding, relation, 'new row', { stored: false })
    const reached = passes(encoding, old, obligation.actor, 'UPDATE', 'using')
    const stored = passes(encoding, next, obligation.actor, 'UPDATE', 'check')
    const [oldForeign, nextForeign] = [
      isForeign(encoding, obligation, old),
      isForeign(encoding, obligation, next),
    ]
    if (oldForeign === undefined || nextForeign === undefined) return undefined
    const kept = unchanged(encoding, obligation, old, next)
    // The old row is reached before the new one is made, so each must hold on its own.
    return or(and(reached, oldForeign), and(reached, stored, kept, nextForeign))
  },
}

/** Columns that the role may not assign keep their values, unless a trigger changes them. */
function unchanged(encoding: Encoding, { table, actor }: Obligation, old: Row, next: Row): Term {
  const { relation } = table
  if (hasBeforeTrigger(relation)) return truth
  const assignable = new Set(encoding.subject.access.columns(actor, 'UPDATE', relation))
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
