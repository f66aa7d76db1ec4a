import type { Encoding } from '../encode/encoding.js'
import { unstated } from '../obligation.js'
import type { Obligation, Unstated } from '../obligation.js'
import { not } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { violated } from '../violated.js'
import { isOwnRow } from './own-row.js'

/** The command reaches a row of another tenant or user, or one that is nobody's. */
export function foreignRow(encoding: Encoding, obligation: Obligation): Term | Unstated {
  const violation = violated(encoding, obligation, (row) => {
    const own = isOwnRow(encoding, obligation, row)
    return own && not(own)
  })
  return violation ?? unstated(ownerUnknown)
}

/** Why nothing can be said of whose a row is, and what would have to be. */
export const ownerUnknown: string =
  'the model does not say whose the rows are, in a type whose values are compared as they are; declare tenantColumn, userColumn or through for the table'
