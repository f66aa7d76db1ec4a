import { membershipSources } from '../../graph/membership-sources.js'
import type { MembershipSource } from '../../graph/membership-sources.js'
import { castTo } from '../encode/cast.js'
import { compare } from '../encode/compare.js'
import type { Encoding } from '../encode/encoding.js'
import { encodeOn } from '../encode/policies.js'
import { columnOf } from '../encode/row.js'
import type { Row } from '../encode/row-shape.js'
import { settingValue } from '../encode/setting.js'
import { isTrue, nullValue } from '../encode/value.js'
import type { Value } from '../encode/value.js'
import { and, falsity, or, truth } from '../terms/term.js'
import type { Term } from '../terms/term.js'
import { hasGrant } from './access-grants.js'
import { claimsOf, isInMode } from './claims.js'
import { claimValue, contextUser, notePlain } from './context-user.js'
import type { Reader } from './reader.js'

/**
 * Whether a tenant is one of the context's. Call it last: a membership context and grants know only
 * the rows that the obligation speaks about, which leaves out nothing that would excuse a row.
 */
export function isOwnTenant(encoding: Encoding, tenant: Value, reader: Reader): Term | undefined {
  const { context } = encoding.subject.model
  notePlain(encoding)
  switch (context.kind) {
    case 'guc':
      return isValue(encoding, settingValue(encoding, context.tenant), tenant)
    case 'jwt-claims': {
      const claim = claimValue(encoding, context.guc, context.tenant)
      return claim && isValue(encoding, claim, tenant)
    }
    case 'membership':
      return isMember(encoding, tenant, reader.role)
    case 'signed':
      return isSigned(encoding, tenant, reader)
  }
}

/** Each role has modes of its own: a context of another mode opens nothing to it. */
function isSigned(encoding: Encoding, tenant: Value, { kind, writes }: Reader): Term | undefined {
  const claims = claimsOf(encoding)
  const member = and(
    isInMode(claims, 'member', 'worker'),
    isTrue(compare(encoding, '=', claims.tenant, tenant)),
  )
  switch (kind) {
    case 'app':
    case 'worker':
      return member
    case 'auditor':
      return writes ? falsity : hasGrant(encoding, 'auditor', false, tenant)
    case 'platform':
      return hasGrant(encoding, 'platform', writes, tenant)
    case 'public':
      return falsity
    case null: {
      const audit = writes ? falsity : hasGrant(encoding, 'auditor', false, tenant)
      const support = hasGrant(encoding, 'platform', writes, tenant)
      return audit && support && or(member, audit, support)
    }
  }
}

function isValue(encoding: Encoding, source: Value, wanted: Value): Term {
  if (wanted.type === 'text') encoding.assumptions.add(noEmptyKey)
  return isTrue(compare(encoding, '=', castTo(encoding, source, wanted.type), wanted))
}

/** What a text key is assumed to be, as the empty text is what a past context leaves behind. */
export const noEmptyKey: string =
  'no key of the context is the empty text, which is left behind by a transaction that had a context'

function isMember(encoding: Encoding, tenant: Value, role: string): Term | undefined {
  const { model, catalog } = encoding.subject
  const sources = membershipSources(model, catalog)
  if (sources.length === 0) return undefined
  return or(
    ...sources.flatMap((source) =>
      encoding.rows
        .filter((row) => row.relation === source.relation && row.stored)
        .map((row) => saysMember(encoding, source, row, tenant, role)),
    ),
  )
}

/** The row says that the context's user belongs to the tenant. */
function saysMember(
  encoding: Encoding,
  source: MembershipSource,
  row: Row,
  tenant: Value,
  role: string,
): Term {
  const [member, of] = [
    columnOf(encoding, row, source.user),
    columnOf(encoding, row, source.tenant),
  ]
  if (member === undefined || of === undefined) return falsity
  const caller = contextUser(encoding, member.type) ?? nullValue
  const { where } = source
  return and(
    isTrue(compare(encoding, '=', member, caller)),
    isTrue(compare(encoding, '=', of, tenant)),
    where === null ? truth : isTrue(encodeOn(encoding, row, role, where)),
  )
}
