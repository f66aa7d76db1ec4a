import { ownerUnknown } from '../context/foreign-row.js'
import { isOwnRow } from '../context/own-row.js'
import { isPublicRow } from '../context/public-row.js'
import { kindOf } from '../context/reader.js'
import type { Encoding } from '../encode/encoding.js'
import type { Row } from '../encode/row-shape.js'
import { unstated } from '../obligation.js'
import type { Obligation, Property } from '../obligation.js'
import { not, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { violated } from '../violated.js'

/**
 * The public role reads rows that are declared public, of them no columns but the declared, and
 * changes nothing. With plain settings nothing tells modes apart, so that the role may then also do
 * what the context's tenant may. That members read no foreign public row is part of `tenant-read`.
 */
export const publicProjection: Property = {
  id: 'public-projection',
  appliesTo: ({ role }, { model }) => kindOf(model, role) === 'public',
  violation(encoding, obligation) {
    const violation = violated(encoding, obligation, (row) => isBeyond(encoding, obligation, row))
    return violation ?? unstated(ownerUnknown)
  },
}

function isBeyond(encoding: Encoding, obligation: Obligation, row: Row): Term | undefined {
  const published = isPublicRow(encoding, obligation, row)
  if (encoding.subject.model.context.kind === 'signed') return not(published)
  // A table that says nothing of tenants is all public or not at all.
  const own = isOwnRow(encoding, obligation, row) ?? (published === truth ? truth : undefined)
  return own && not(or(own, published))
}
