import { isAbsent, noteKeysAreNotEmpty } from '../context/absent-context.js'
import { isPublicRow } from '../context/public-row.js'
import { unstated } from '../obligation.js'
import type { Property } from '../obligation.js'
import { and, not } from '../terms/term.js'
import { violated } from '../violated.js'

/**
 * Without a context (never set, `''` left behind by a past transaction, or malformed) no row is
 * reached and none is stored, except that the public role reads what is declared public.
 */
export const noContext: Property = {
  id: 'no-context',
  appliesTo: () => true,
  violation(encoding, obligation) {
    const absent = isAbsent(encoding, obligation)
    const violation =
      absent &&
      violated(encoding, obligation, (row) =>
        and(absent, not(isPublicRow(encoding, obligation, row))),
      )
    if (violation === undefined) return unstated(withoutUser)
    noteKeysAreNotEmpty(encoding)
    return violation
  },
}

const withoutUser =
  'the model does not say where the context has its user; declare context.user for tables of scope self'
