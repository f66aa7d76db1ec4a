import { tenantColumnOf } from 'watertight/model'
import { membershipSources } from '../../graph/membership-sources.js'
import type { MembershipSource } from '../../graph/membership-sources.js'
import { compare } from '../encode/compare.js'
import type { Encoding } from '../encode/encoding.js'
import { encodeOn } from '../encode/policies.js'
import { columnOf, makeRow } from '../encode/row.js'
import { isTrue } from '../encode/value.js'
import type { Value } from '../encode/value.js'
import { and, eq, not, or, text, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { contextUser, userText } from './context-user.js'

/** There is a row that says that the context's user belongs to the tenant, read past all policies. */
export function tenantsOfUser(encoding: Encoding, tenant: Value): Term {
  const { model, catalog } = encoding.subject
  const sources = membershipSources(model, catalog)
  if (sources.length === 0) return truth
  return or(...sources.map((source) => isSaid(encoding, source, tenant)))
}

function isSaid(encoding: Encoding, source: MembershipSource, tenant: Value): Term {
  const { relation, where } = source
  const { model } = encoding.subject
  const isOwner = model.context.kind === 'membership' && source.user === model.context.owner
  // What the function returns is the column that the plan takes for the tenant.
  if (isOwner && where === null && tenantColumnOf(model, relation) !== source.tenant) return truth
  const row = makeRow(encoding, relation, 'membership')
  const [user, of] = [columnOf(encoding, row, source.user), columnOf(encoding, row, source.tenant)]
  const claimed = userText(encoding)
  const caller = user && contextUser(encoding, user.type)
  if (user === undefined || of === undefined || !caller || !claimed) return truth
  return and(
    isTrue(compare(encoding, '=', user, caller)),
    // The function takes the empty text for no user.
    not(eq(claimed.term, text(''))),
    isTrue(compare(encoding, '=', of, tenant)),
    where === null ? truth : isTrue(encodeOn(encoding, row, relation.owner, where)),
  )
}
