import type { MembershipContext } from 'watertight/model'
import { compare } from '../encode/compare.js'
import { relationNamed } from '../encode/encoding.js'
import type { Encoding } from '../encode/encoding.js'
import { encodeOn } from '../encode/policies.js'
import { columnOf, makeRow } from '../encode/row.js'
import { isTrue } from '../encode/value.js'
import type { Value } from '../encode/value.js'
import { and, eq, not, text, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { contextUser, userText } from './context-user.js'

/** There is a membership of the context's user in the tenant, read past all policies. */
export function tenantsOfUser(encoding: Encoding, { via }: MembershipContext, tenant: Value): Term {
  const relation = relationNamed(encoding.subject, via.table.schema, via.table.name)
  if (relation === undefined) return truth
  const row = makeRow(encoding, relation, 'membership')
  const [user, of] = [columnOf(encoding, row, via.user), columnOf(encoding, row, via.tenant)]
  const claimed = userText(encoding)
  const caller = user && contextUser(encoding, user.type)
  if (user === undefined || of === undefined || !caller || !claimed) return truth
  return and(
    isTrue(compare(encoding, '=', user, caller)),
    // The function takes the empty text for no user.
    not(eq(claimed.term, text(''))),
    isTrue(compare(encoding, '=', of, tenant)),
    via.where === null ? truth : isTrue(encodeOn(encoding, row, relation.owner, via.where)),
  )
}
